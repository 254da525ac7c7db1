import type { OptionSpec } from './option-spec.ts';

/** Options about the event time of a table, of every connector that can be read. As Flink's. */
export const watermarkOptions: readonly OptionSpec[] = [
  { key: 'scan.watermark.idle-timeout', form: 'duration', description: 'a split that stands at its end this long no longer holds the watermark; 0 never. Without it table.exec.source.idle-timeout says so' },
  { key: 'scan.watermark.emit.strategy', form: 'enum', values: ['on-periodic', 'on-event'], later: true, description: 'when a watermark is given on: here it is always there for each row' },
  { key: 'scan.watermark.emit.on-event.gap', form: 'integer', later: true, description: 'rows between one watermark and the next' },
  { key: 'scan.watermark.alignment.group', form: 'text', later: true, description: 'tables whose event time goes on together' },
  { key: 'scan.watermark.alignment.max-drift', form: 'duration', later: true, description: 'how far one of them may be ahead' },
  { key: 'scan.watermark.alignment.update-interval', form: 'duration', later: true, description: 'how often they are compared' },
];
