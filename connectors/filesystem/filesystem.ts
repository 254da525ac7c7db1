import { insertOnly } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import type { OptionFault } from '../../catalog/option-spec.ts';
import { parallelismFaults } from '../parallelism.ts';
import { fileMetadata } from './file-metadata.ts';
import { parseSize, schemeOf, wholePattern } from './option-texts.ts';
import { filesystemOptions } from './options.ts';

export const filesystem: ConnectorDef = {
  name: 'filesystem',
  doc: 'Files of a folder, or one file: a record is a line, of CSV also several. Files that end in .gz, .deflate or .zst are read uncompressed; names that begin with . or _ are passed over. It is written in parts that become visible whole, each row exactly once.',
  example: `CREATE TABLE archive (
  sensor STRING,
  celsius DOUBLE,
  \`day\` STRING
) PARTITIONED BY (\`day\`) WITH (
  'connector' = 'filesystem', 'path' = 'archive', 'format' = 'csv'
);`,
  options: filesystemOptions,
  usesFormat: true,
  needsBroker: false,
  canOverwrite: true,
  metadata: fileMetadata,
  changelog: () => ({ source: insertOnly, sink: insertOnly }),
  faults: (_, options) => {
    const faults: OptionFault[] = [];
    const scheme = schemeOf(options.text('path') ?? '');
    if (scheme !== undefined && scheme !== 'file') faults.push({ key: 'path', code: 'E0002', message: `not supported yet: files of ${scheme}:` });
    if (parseSize(options.text('sink.rolling-policy.file-size') ?? '') === undefined) faults.push({ key: 'sink.rolling-policy.file-size', code: 'E0504', message: "is a size like '128MB'" });
    if (options.duration('source.monitor-interval') === 0) faults.push({ key: 'source.monitor-interval', code: 'E0504', message: 'is more than 0' });
    faults.push(...parallelismFaults(options, 'sink.parallelism'));
    if (!isPattern(options.text('source.path.regex-pattern'))) faults.push({ key: 'source.path.regex-pattern', code: 'E0504', message: 'is a regular expression' });
    return faults;
  },
  isBounded: (options) => options.duration('source.monitor-interval') === undefined,
  runtime: async () => {
    const [{ openFilesystemSource }, { openFilesystemSink }] = await Promise.all([import('./source.ts'), import('./sink.ts')]);
    return { source: openFilesystemSource, sink: openFilesystemSink };
  },
};

function isPattern(text: string | undefined): boolean {
  try {
    return text === undefined || wholePattern(text) instanceof RegExp;
  } catch {
    return false;
  }
}
