/**
 * One value of a column in SQL's own terms: a bigint is exact, DECIMAL is unscaled, times are ms, text is a string. ARRAY is its elements, ROW
 * its fields, MAP and MULTISET pairs of key and value or count.
 */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array | { readonly millis: number; readonly nanos: number } | readonly SqlValue[];
