import { unreachable } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import { maxLength, type SqlType } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Identifier, TypeExpr } from '../parser/ast.ts';

const char = ([n = 1]: readonly number[]): SqlType => ({ kind: 'CHAR', length: n, nullable: true });
const varchar = ([n = maxLength]: readonly number[]): SqlType => ({ kind: 'VARCHAR', length: n, nullable: true });
const varbinary = ([n = maxLength]: readonly number[]): SqlType => ({ kind: 'VARBINARY', length: n, nullable: true });

const simple: Readonly<Record<string, (parameters: readonly number[]) => SqlType>> = {
  BOOLEAN: () => ({ kind: 'BOOLEAN', nullable: true }),
  TINYINT: () => ({ kind: 'TINYINT', nullable: true }),
  SMALLINT: () => ({ kind: 'SMALLINT', nullable: true }),
  INT: () => ({ kind: 'INT', nullable: true }),
  INTEGER: () => ({ kind: 'INT', nullable: true }),
  BIGINT: () => ({ kind: 'BIGINT', nullable: true }),
  FLOAT: () => ({ kind: 'FLOAT', nullable: true }),
  DOUBLE: () => ({ kind: 'DOUBLE', nullable: true }),
  'DOUBLE PRECISION': () => ({ kind: 'DOUBLE', nullable: true }),
  DATE: () => ({ kind: 'DATE', nullable: true }),
  STRING: () => ({ kind: 'VARCHAR', length: maxLength, nullable: true }),
  BYTES: () => ({ kind: 'VARBINARY', length: maxLength, nullable: true }),
  CHAR: char,
  CHARACTER: char,
  VARCHAR: varchar,
  'CHAR VARYING': varchar,
  'CHARACTER VARYING': varchar,
  BINARY: ([n = 1]) => ({ kind: 'BINARY', length: n, nullable: true }),
  VARBINARY: varbinary,
  'BINARY VARYING': varbinary,
  DECIMAL: ([p = 10, s = 0]) => ({ kind: 'DECIMAL', precision: p, scale: s, nullable: true }),
  DEC: ([p = 10, s = 0]) => ({ kind: 'DECIMAL', precision: p, scale: s, nullable: true }),
  NUMERIC: ([p = 10, s = 0]) => ({ kind: 'DECIMAL', precision: p, scale: s, nullable: true }),
  TIME: ([p = 0]) => ({ kind: 'TIME', precision: p, nullable: true }),
  TIMESTAMP: ([p = 6]) => ({ kind: 'TIMESTAMP', precision: p, nullable: true }),
  TIMESTAMP_LTZ: ([p = 6]) => ({ kind: 'TIMESTAMP_LTZ', precision: p, nullable: true }),
};

/** Names that other databases have for types. */
const elsewhere: Readonly<Partial<Record<string, string>>> = {
  TEXT: 'STRING', BOOL: 'BOOLEAN', LONG: 'BIGINT', INT8: 'BIGINT', INT4: 'INT', INT64: 'BIGINT', INT32: 'INT', FLOAT8: 'DOUBLE', FLOAT4: 'FLOAT', REAL: 'FLOAT', NUMBER: 'DECIMAL(38, 10)',
  SERIAL: 'BIGINT', UNSIGNED: 'BIGINT', BIT: 'BOOLEAN', SHORT: 'SMALLINT', BYTE: 'TINYINT', LONGTEXT: 'STRING', CLOB: 'STRING', NVARCHAR: 'STRING', VARCHAR2: 'STRING', JSONB: 'STRING', OBJECT: 'STRING', MONEY: 'DECIMAL(19, 4)', INT16: 'SMALLINT', UINT64: 'DECIMAL(20, 0)', UINT32: 'BIGINT', INT2: 'SMALLINT', 'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP_LTZ(3)', 'TIME WITH TIME ZONE': 'TIME',
  DATETIME: 'TIMESTAMP(3)', TIMESTAMPTZ: 'TIMESTAMP_LTZ(3)', BLOB: 'BYTES', BYTEA: 'BYTES', UUID: 'STRING', JSON: 'STRING',
};

/** The type that a type expression names. Throws E0104 or E0207 with the place. */
export function resolveType(type: TypeExpr): SqlType {
  switch (type.kind) {
    case 'SimpleType': {
      if (type.name.startsWith('INTERVAL ')) return { kind: /^INTERVAL (YEAR|QUARTER|MONTH)/.test(type.name) ? 'INTERVAL_MONTH' : 'INTERVAL_SECOND', nullable: type.nullable };
      if (type.name === 'VARIANT') throw new SqlError({ code: 'E0002', message: 'not supported yet: VARIANT', span: type.span });
      const make = simple[type.name];
      if (make === undefined) {
        const label = type.name === 'END' || type.name === 'START' ? `the ${type.name.toLowerCase()} of a window is a TIMESTAMP(3)` : elsewhere[type.name] === undefined ? didYouMean(type.name, Object.keys(simple)) : `here it is ${elsewhere[type.name]}`;
        throw new SqlError({ code: 'E0104', message: `there is no type ${type.name}`, span: type.span, label, hint: label === undefined ? 'STRING, BOOLEAN, INT, BIGINT, DOUBLE, DECIMAL(10, 2), DATE, TIMESTAMP(3), TIMESTAMP_LTZ(3), BYTES, ARRAY<..>, MAP<.., ..>, ROW<..>' : undefined });
      }
      const resolved = make(type.parameters);
      checkRange(resolved, type);
      return { ...resolved, nullable: type.nullable };
    }
    case 'RowType':
      refuseTwice(type.fields.map((field) => field.name));
      return { kind: 'ROW', fields: type.fields.map((field) => ({ name: field.name.name, type: resolveType(field.type) })), nullable: type.nullable };
    case 'CollectionType':
      return { kind: type.name, element: resolveType(type.element), nullable: type.nullable };
    case 'MapType':
      return { kind: 'MAP', key: resolveType(type.key), value: resolveType(type.value), nullable: type.nullable };
    default:
      return unreachable(type);
  }
}

function refuseTwice(names: readonly Identifier[]): void {
  const twice = names.find(({ name }, i) => names.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw new SqlError({ code: 'E0105', message: `a ROW has two fields "${twice.name}"`, span: twice.span, label: 'give one of them another name' });
}

function checkRange(resolved: SqlType, { span, name }: TypeExpr & { kind: 'SimpleType' }): void {
  if (resolved.kind === 'DECIMAL' && (resolved.precision < 1 || resolved.precision > 38 || resolved.scale > resolved.precision)) {
    throw new SqlError({ code: 'E0207', message: `${name} has 1 to 38 digits, of which at most all are a fraction`, span });
  }
  if ('precision' in resolved && resolved.kind !== 'DECIMAL' && resolved.precision > 9) {
    throw new SqlError({ code: 'E0207', message: `${name} has at most 9 digits of fraction`, span });
  }
  if ('length' in resolved && (resolved.length < 1 || resolved.length > maxLength)) {
    throw new SqlError({ code: 'E0207', message: `${name} has a length of 1 to ${maxLength}`, span });
  }
}
