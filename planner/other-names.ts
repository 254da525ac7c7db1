import { didYouMean, listed } from '../core/suggest.ts';

/** Functions of other databases by the SQL that says the same here. */
const here: Readonly<Record<string, string>> = {
  NVL: 'COALESCE(a, b)', ISNULL: 'a IS NULL, or COALESCE(a, b)', ZEROIFNULL: 'COALESCE(a, 0)', NVL2: 'CASE WHEN a IS NOT NULL THEN b ELSE c END', IIF: 'IF(condition, a, b)', LEN: 'CHAR_LENGTH(text)', LENGTH: 'CHAR_LENGTH(text)', STRLEN: 'CHAR_LENGTH(text)', UCASE: 'UPPER(text)', LCASE: 'LOWER(text)', MID: 'SUBSTRING(text, 1, 2)',
  CHARINDEX: 'LOCATE(part, text)', CONTAINS: "text LIKE '%part%'", SPLIT_PART: 'SPLIT_INDEX(text, separator, 0), where the first part is 0', STRING_SPLIT: 'SPLIT(text, separator)', STR_SPLIT: 'SPLIT(text, separator)', TO_STRING: 'CAST(a AS STRING)', STRING: 'CAST(a AS STRING)', STR: 'CAST(a AS STRING)', CHAR: 'CHR(number)', CONCATENATE: 'CONCAT(a, b)',
  TO_NUMBER: 'CAST(a AS DECIMAL(38, 10))', TO_INT: 'CAST(a AS INT)', INT: 'CAST(a AS INT)', INTEGER: 'CAST(a AS INT)', BIGINT: 'CAST(a AS BIGINT)', DOUBLE: 'CAST(a AS DOUBLE)', FLOAT: 'CAST(a AS FLOAT)', BOOLEAN: 'CAST(a AS BOOLEAN)', SAFE_CAST: 'TRY_CAST(a AS INT)', TRY_CONVERT: 'TRY_CAST(a AS INT)', POW: 'POWER(a, b)', TRUNC: 'TRUNCATE(a, 2)',
  REGEXP_LIKE: "REGEXP(text, 'pattern')", REGEXP_MATCHES: "REGEXP(text, 'pattern')", REGEX: "REGEXP(text, 'pattern')", RLIKE: "REGEXP(text, 'pattern')", MATCH: "REGEXP(text, 'pattern')", REGEXP_MATCH: "REGEXP_EXTRACT(text, 'pattern', 1)",
  GROUP_CONCAT: "LISTAGG(text, ',')", STRING_AGG: "LISTAGG(text, ',')", LIST: 'ARRAY_AGG(a)', COLLECT_LIST: 'ARRAY_AGG(a)', COLLECT_SET: 'COLLECT(DISTINCT a)', JSON_AGG: 'JSON_ARRAYAGG(a)', COUNT_IF: 'COUNT(*) FILTER (WHERE condition)', SUM_IF: 'SUM(a) FILTER (WHERE condition)', SUMIF: 'SUM(a) FILTER (WHERE condition)', COUNTDISTINCT: 'COUNT(DISTINCT a)', COUNT_DISTINCT: 'COUNT(DISTINCT a)', MEAN: 'AVG(a)', AVERAGE: 'AVG(a)', TOTAL: 'SUM(a)',
  TO_CHAR: "DATE_FORMAT(ts, 'yyyy-MM-dd'), or CAST(a AS STRING)", STRFTIME: "DATE_FORMAT(ts, 'yyyy-MM-dd')", FORMAT_TIMESTAMP: "DATE_FORMAT(ts, 'yyyy-MM-dd')", FORMATDATETIME: "DATE_FORMAT(ts, 'yyyy-MM-dd')", DATE_TRUNC: 'FLOOR(ts TO HOUR)', TIME_BUCKET: "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))", WINDOW: "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))", DATE_BIN: "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))",
  DATEADD: "ts + INTERVAL '1' DAY, or TIMESTAMPADD(DAY, 1, ts)", DATE_PART: 'EXTRACT(HOUR FROM ts)', DATEPART: 'EXTRACT(HOUR FROM ts)', DAY: 'DAYOFMONTH(ts)', WEEKDAY: 'DAYOFWEEK(ts)', GETDATE: 'NOW()', SYSDATE: 'NOW()', SYSTIMESTAMP: 'NOW()', CURDATE: 'CURRENT_DATE', TODAY: 'CURRENT_DATE', CURTIME: 'CURRENT_TIME', GETUTCDATE: 'NOW()', STR_TO_DATE: "TO_DATE(text, 'yyyy-MM-dd')", PARSE_DATE: "TO_DATE(text, 'yyyy-MM-dd')",
  STRPTIME: "TO_TIMESTAMP(text, 'yyyy-MM-dd HH:mm:ss')", PARSE_TIMESTAMP: "TO_TIMESTAMP(text, 'yyyy-MM-dd HH:mm:ss')", STRINGTOTIMESTAMP: "TO_TIMESTAMP(text, 'yyyy-MM-dd HH:mm:ss')", TIMESTAMPTOSTRING: "DATE_FORMAT(ts, 'yyyy-MM-dd')", EPOCH_MS: 'TO_TIMESTAMP_LTZ(ms, 3)', FROM_EPOCH: 'TO_TIMESTAMP_LTZ(seconds, 0)', TO_EPOCH: 'UNIX_TIMESTAMP(text)', TIMESTAMP_MILLIS: 'TO_TIMESTAMP_LTZ(ms, 3)', DATE: 'CAST(a AS DATE)', TIME: 'CAST(a AS TIME)', TIMESTAMP: 'CAST(a AS TIMESTAMP(3))', DATETIME: 'CAST(a AS TIMESTAMP(3))',
  JSON_EXTRACT: "JSON_VALUE(text, '$.a.b')", JSON_EXTRACT_SCALAR: "JSON_VALUE(text, '$.a.b')", GET_JSON_OBJECT: "JSON_VALUE(text, '$.a.b')", EXTRACTJSONFIELD: "JSON_VALUE(text, '$.a.b')", JSON_EXTRACT_STRING: "JSON_VALUE(text, '$.a.b')", TO_JSON: 'JSON_STRING(a)', JSON_BUILD_OBJECT: "JSON_OBJECT('key' VALUE a)", ARRAY_LENGTH: 'CARDINALITY(a)', SIZE: 'CARDINALITY(a)', ARRAY_SIZE: 'CARDINALITY(a)', LIST_CONTAINS: 'ARRAY_CONTAINS(a, value)', STRUCT: 'ROW(a, b)', STRUCT_PACK: 'ROW(a, b)', NAMED_STRUCT: 'ROW(a, b)', RANDOM_UUID: 'UUID()', GEN_RANDOM_UUID: 'UUID()', NEWID: 'UUID()', SHA: 'SHA1(text)', HASH: 'HASH_CODE(a)', EXPLODE: 'FROM t CROSS JOIN UNNEST(array) AS u (a)',
};

/** What stands behind the caret at a function that is not there: the name that is near, or what says the same. `known` are the names there are. */
export function functionHint(name: string, known: Iterable<string>): { readonly label: string | undefined; readonly hint: string | undefined } {
  const upper = name.toUpperCase();
  const same = Object.hasOwn(here, upper) ? here[upper] : undefined;
  const label = same === undefined ? didYouMean(upper, known) : `here it is ${same}`;
  if (label !== undefined) return { label, hint: undefined };
  // DATE_XYZ may be looked for among all that speaks of dates.
  const start = /^[A-Z]+(?=_)/.exec(upper)?.[0];
  const like = start === undefined ? [] : [...known].filter((other) => other.startsWith(`${start}_`));
  return { label: undefined, hint: listed('functions:', like) ?? 'docs/functions.md lists all functions, as \\df does in the prompt' };
}

/** What other databases have, for the test that each is answered with what there is. */
export const otherNames: ReadonlyMap<string, string> = new Map(Object.entries(here));
