import { printType, type SqlType } from '../core/sql-type.ts';
import type { TypeExpr } from '../parser/ast.ts';

/**
 * What is said of the fields of ROW types, by their place: the numbers, joined by dots, of the parts that lead there. A ROW has its fields for parts, an ARRAY
 * and a MULTISET their element, a MAP its key and its value. Comments stand beside the type, and not in it: types with others are the same.
 */
export type FieldComments = Readonly<Record<string, string>>;

/** The comments in a type as it is written; undefined where there are none. */
export function fieldCommentsOf(type: TypeExpr): FieldComments | undefined {
  const found: Record<string, string> = {};
  collect(type, '', found);
  return Object.keys(found).length === 0 ? undefined : found;
}

function collect(type: TypeExpr, place: string, into: Record<string, string>): void {
  if (type.kind === 'RowType') {
    for (const [i, { comment }] of type.fields.entries()) if (comment !== undefined) into[`${place}${i}`] = comment;
  }
  const parts = type.kind === 'RowType' ? type.fields.map((field) => field.type) : type.kind === 'CollectionType' ? [type.element] : type.kind === 'MapType' ? [type.key, type.value] : [];
  for (const [i, part] of parts.entries()) collect(part, `${place}${i}.`, into);
}

/** The type with what is said of its fields, in the words of Flink: a text behind the field's type. */
export function printCommented(type: SqlType, comments: FieldComments | undefined, place = ''): string {
  if (comments === undefined) return printType(type);
  const part = (of: SqlType, i: number): string => printCommented(of, comments, `${place}${i}.`);
  const suffix = type.nullable ? '' : ' NOT NULL';
  switch (type.kind) {
    case 'ROW': {
      const fields = type.fields.map(({ name, type: of }, i) => {
        const comment = comments[`${place}${i}`];
        return `\`${name.replaceAll('`', '``')}\` ${part(of, i)}${comment === undefined ? '' : ` '${comment.replaceAll("'", "''")}'`}`;
      });
      return `ROW<${fields.join(', ')}>${suffix}`;
    }
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${part(type.element, 0)}>${suffix}`;
    case 'MAP':
      return `MAP<${part(type.key, 0)}, ${part(type.value, 1)}>${suffix}`;
    default:
      return printType(type);
  }
}
