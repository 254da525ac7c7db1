import { layoutOf } from '../../core/layout.ts';
import type { SinkRequest, SinkWriter } from '../../catalog/connector.ts';
import { UpsertBuffer } from './upsert-buffer.ts';

/**
 * The sink behind a buffer that keeps the last row of each key, as 'sink.buffer-flush.max-rows' and '.interval' ask: it goes on once it holds so
 * many keys, so many ms after its first row, and before each checkpoint, so that no row of an epoch is held beyond it. As in Flink one option
 * without the other holds nothing back; here that is told.
 */
export function bufferedSink(request: SinkRequest, key: readonly string[], sink: SinkWriter): SinkWriter {
  const { table, columns, services } = request;
  const rows = table.options.integer('sink.buffer-flush.max-rows') ?? 0;
  const interval = table.options.duration('sink.buffer-flush.interval') ?? 0;
  if (rows === 0 || interval === 0) {
    const [given, missing] = rows > 0 ? ['max-rows', 'interval'] : ['interval', 'max-rows'];
    if (rows > 0 || interval > 0) services.notice('N0605', `${table.name}: 'sink.buffer-flush.${given}' holds nothing back without 'sink.buffer-flush.${missing}'`);
    return sink;
  }
  const buffer = new UpsertBuffer(columns.map(({ type }) => layoutOf(type)), key.map((name) => columns.findIndex((column) => column.name === name)));
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    buffer.drain((batch, from, to) => sink.write(batch, from, to));
  };
  const flushInTime = (): void => {
    try {
      flush();
    } catch (error) {
      services.fail(error);
    }
  };
  return {
    get hasCredit() {
      return sink.hasCredit;
    },
    get wantsCheckpoint() {
      return sink.wantsCheckpoint === true;
    },
    drained: () => sink.drained(),
    write: (batch, from, to) => {
      for (let row = from; row < to; row++) {
        buffer.put(batch, row);
        if (buffer.size >= rows) flush();
      }
      if (buffer.size > 0) timer ??= setTimeout(flushInTime, interval);
    },
    prepare: (checkpoint, positions) => {
      flush();
      return sink.prepare(checkpoint, positions);
    },
    commit: (token) => sink.commit(token),
    recover: (tokens) => sink.recover(tokens),
    recoveredPositions: async () => sink.recoveredPositions?.(),
    finish: async (hasEnded) => sink.finish?.(hasEnded),
    close: async () => {
      clearTimeout(timer);
      await sink.close();
    },
  };
}
