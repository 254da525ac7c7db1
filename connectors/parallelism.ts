import type { OptionFault, Options } from '../catalog/option-spec.ts';
import type { ConnectedTable, ConnectorServices } from '../catalog/connector.ts';

type Parallelism = 'scan.parallelism' | 'sink.parallelism';

/** Tells that more than one worker is asked for. */
export function tellParallelism({ name, options }: Pick<ConnectedTable, 'name' | 'options'>, services: Pick<ConnectorServices, 'notice'>, key: Parallelism): void {
  const wanted = options.integer(key) ?? 1;
  if (wanted > 1) services.notice('N0605', `${name}: '${key}' = '${wanted}' is read as 1: a job is one worker`);
}

/** Less than one worker cannot be asked for. */
export function parallelismFaults(options: Options, ...keys: readonly Parallelism[]): readonly OptionFault[] {
  return keys.filter((key) => options.integer(key) === 0).map((key) => ({ key, code: 'E0504', message: 'is a whole number from 1 on' }));
}
