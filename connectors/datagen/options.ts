import type { OptionSpec } from '../../catalog/option-spec.ts';

export const datagenOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'datagen'" },
  { key: 'rows-per-second', form: 'integer', defaultValue: '10000', description: 'rows that come at the start of each second' },
  { key: 'number-of-rows', form: 'integer', description: 'rows in all; without it, and without a sequence, they never end' },
  { key: 'scan.parallelism', form: 'integer', description: 'how many generators work side by side: one, and more are told' },
  { key: 'fields.*', form: 'text', description: "for column c: 'fields.c.kind' random (the default) or sequence; of random 'fields.c.min', 'max' (numbers), 'length', 'var-len' (text and bytes), 'max-past' (timestamps), 'null-rate'; of a sequence 'start' and 'end', with which the rows end. An ARRAY, MAP or MULTISET has 'length' elements, 3 by default; 'fields.c.element.min', 'fields.c.key.', 'fields.c.value.' and, of a ROW, 'fields.c.x.' are of its parts" },
];
