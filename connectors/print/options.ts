import type { OptionSpec } from '../../catalog/option-spec.ts';

export const printOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'print'" },
  { key: 'print-identifier', form: 'text', description: 'stands before each row: NAME> ' },
  { key: 'standard-error', form: 'boolean', defaultValue: 'false', description: 'true: rows go to standard error, not to standard output' },
  { key: 'sink.parallelism', form: 'integer', description: 'how many sinks work side by side: one, and more are told' },
];
