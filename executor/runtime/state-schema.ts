import { SqlError } from '../../core/diagnostic.ts';
import type { RecordShape } from '../../state/table.ts';
import type { SetShape } from '../../state/value-set.ts';

/** What a stored state's records hold, as a checkpoint says it: the fields in their order, each with its SQL type as text. */
export interface StateSchema {
  /** `layout` is absent in what older programs stored. */
  readonly fields: readonly { readonly name: string; readonly type: string; readonly layout?: string }[];
  /** What planner/state-name.ts, conditionsAbove, says of it; absent for what never changes, and in what older programs stored. */
  readonly conditions?: string;
}

export function schemaOf(shape: RecordShape | SetShape): StateSchema {
  const { fields } = shape;
  const bags = 'isSet' in shape ? [] : (shape.bags ?? []);
  const own = fields.map(({ name, type, layout }, i) => ({ name: name ?? `field ${i + 1}`, type: type ?? layout, layout }));
  return { fields: [...own, ...bags.flatMap((bag) => schemaOf(bag).fields)] };
}

/** Throws E0801 when the bytes of a stored state would be read as another type. */
export function checkSchema(state: string, stored: StateSchema, now: StateSchema): void {
  for (let i = 0; i < Math.max(stored.fields.length, now.fields.length); i++) {
    const [was, is] = [stored.fields[i], now.fields[i]];
    if (was !== undefined && is !== undefined && isKept(was.type, is.type)) continue;
    throw new SqlError({
      code: 'E0801',
      message: `the stored state ${state} holds ${is?.name ?? was?.name} ${was === undefined ? 'not at all' : `as ${was.type}`}, and the query as it is now ${is === undefined ? 'does not keep it' : `keeps it as ${is.type}`}`,
      hint: 'run with --fresh to start over, give the job another name, or cast to the type that is stored',
    });
  }
}

/** Text may become longer: its bytes stay what they are. Every other change of type changes what the bytes mean. */
export function isKept(stored: string, now: string): boolean {
  if (stored === now) return true;
  const [from, to] = [lengthOf(stored), lengthOf(now)];
  return from !== undefined && to !== undefined && to >= from;
}

function lengthOf(type: string): number | undefined {
  if (type === 'STRING') return Infinity;
  const length = /^VARCHAR\((\d+)\)$/.exec(type)?.[1];
  return length === undefined ? undefined : Number(length);
}
