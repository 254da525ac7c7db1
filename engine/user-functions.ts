import { SqlError } from '../core/diagnostic.ts';
import type { JsValue } from '../core/js-value.ts';
import type { SqlType } from '../core/sql-type.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import type { ScalarFunction } from '../functions/definition.ts';
import { isFlinkFunction } from '../functions/flink-names.ts';
import { findAggregate, findScalar, setUserFunctions, withUserFunctions } from '../functions/registry.ts';
import { isUserType, userScalar } from '../functions/user-function.ts';
import { parse } from '../parser/parse.ts';
import type { FnDef } from './api.ts';

let engines = 0;

/** The functions that a program has given one engine. */
export class UserFunctions {
  readonly #engine = ++engines;
  readonly #functions = new Map<string, ScalarFunction>();

  /** Throws E0904 for a name, a definition or a call that is none, E0104 or E0001 for a type that is none. */
  add(name: string, def: FnDef, call: unknown): void {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new SqlError({ code: 'E0904', message: `'${name}' is no name of a function`, hint: 'letters, digits and _' });
    if (typeof call !== 'function') throw new SqlError({ code: 'E0904', message: `fn('${name}', ...) needs a JavaScript function` });
    const key = name.toUpperCase();
    if (this.#functions.has(key) || findScalar(key) !== undefined || findAggregate(key) !== undefined || isFlinkFunction(key)) throw new SqlError({ code: 'E0904', message: `there is a function ${key} already` });
    const given: unknown = def;
    if (typeof given !== 'object' || given === null || !Array.isArray(def.args) || typeof def.returns !== 'string') {
      throw new SqlError({ code: 'E0904', message: `fn('${name}', ...) needs the SQL types of its arguments and of what it returns`, hint: `fn('${name}', { args: ['STRING'], returns: 'INT' }, (text) => text.length)` });
    }
    const unknown = Object.keys(def).find((option) => !['args', 'returns', 'deterministic', 'nulls', 'async'].includes(option));
    if (unknown !== undefined) throw new SqlError({ code: 'E0904', message: `a function has no option '${unknown}'`, hint: 'args, returns, deterministic, nulls' });
    if (def.async !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: asynchronous functions' });
    if (def.nulls !== undefined && def.nulls !== 'return-null' && def.nulls !== 'call') throw new SqlError({ code: 'E0904', message: `nulls is 'return-null' or 'call', not ${JSON.stringify(def.nulls)}` });
    const definition = userScalar({
      name: key,
      args: def.args.map(typeOf),
      returns: typeOf(def.returns),
      deterministic: def.deterministic !== false,
      nulls: def.nulls ?? 'return-null',
      call: call as (...values: JsValue[]) => unknown,
    });
    this.#functions.set(key, definition);
    setUserFunctions(this.#engine, this.#functions);
  }

  /** In the order in which they were given. */
  names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** Binds statements with these functions in sight. */
  inSight<T>(bind: () => T): T {
    return withUserFunctions(this.#engine, bind);
  }

  /** The engine is closed: its functions are never called again. */
  drop(): void {
    setUserFunctions(this.#engine, undefined);
  }
}

/** A type by its SQL name, which is read as in a query. */
function typeOf(text: string): SqlType {
  const { statements, errors } = parse(`SELECT CAST(NULL AS ${text})`);
  const [statement] = statements;
  const query = statement?.kind === 'QueryStatement' && statements.length === 1 ? statement.query : undefined;
  const expr = query?.kind === 'Select' && query.items.length === 1 ? query.items[0]?.expr : undefined;
  if (errors[0] !== undefined || expr?.kind !== 'Cast') throw new SqlError({ code: 'E0104', message: `there is no type '${text}'`, hint: 'STRING, BIGINT, DECIMAL(10, 2), TIMESTAMP(3)' });
  const type = resolveType(expr.type);
  if (!isUserType(type)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${text} in a function of the program` });
  return type;
}
