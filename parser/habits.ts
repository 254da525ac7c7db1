import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { endOf, NumberLiteral, QuotedIdentifier, StringLiteral } from './tokens.ts';

/** What people write who know another database, and what it is here. */
interface Habit {
  /** Fits the words up to the place where the parser stopped, and those from there on. */
  readonly before: RegExp;
  readonly after: RegExp;
  /** Without one, what stands there and cannot is said. */
  readonly message?: string;
  readonly code?: ErrorCode;
  /** How many words before the place the caret begins at. */
  readonly back?: number;
  readonly label: string;
  readonly hint?: string;
}

const window = "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end";
const file = "CREATE TABLE t (..) WITH ('connector' = 'filesystem', 'path' = '...', 'format' = 'csv');";
const noTransaction = { before: /^$/, message: 'there are no transactions', label: 'leave it out: each INSERT is a job with checkpoints of its own' };
const shell = { before: /^$/, message: 'this is no SQL but a command', code: 'E0004' };

const settings = 'SET;  lists the settings';
const running = 'SHOW JOBS;  lists what runs';
const topics = 'SHOW TABLES;  lists the tables over topics; the topics themselves are told by \\topics at the prompt and  sluice topic list';

/** What other databases list by SHOW, and what lists it here. */
export const listedElsewhere: Readonly<Partial<Record<string, string>>> = { SETTINGS: settings, VARIABLES: settings, PARAMETERS: settings, PROPERTIES: settings, PROCESSLIST: running, STATUS: running, QUERIES: running, TOPICS: topics, STREAMS: topics };

/** The first one that fits counts. Words are in capitals with a space between; a text is 'x', a quoted name `x`. */
const habits: readonly Habit[] = [
  // What statements begin with.
  { before: /^$/, after: /^FROM /, message: 'a query begins with SELECT', label: 'write SELECT * FROM ...' },
  { ...noTransaction, after: /^(COMMIT|ROLLBACK|START TRANSACTION|SAVEPOINT)\b/ },
  { before: /^(EXPLAIN( PLAN FOR)?)?$/, after: /^UPSERT\b/, code: 'E0002', message: 'not supported yet: UPSERT', label: "a table of 'upsert-kafka' with a PRIMARY KEY keeps the last row of each key: INSERT INTO it" },
  { before: /^$/, after: /^MERGE\b/, label: "a table of 'upsert-kafka' with a PRIMARY KEY keeps the last row of each key: INSERT INTO it" },
  { before: /^$/, after: /^(GRANT|REVOKE)\b/, label: 'there are no users here; what the files of the state folder allow counts' },
  { before: /^$/, after: /^(COPY|IMPORT|UNLOAD|EXPORT)\b/, label: 'a file is a table, which INSERT INTO writes and SELECT reads', hint: file },
  { before: /^LOAD$/, after: /^DATA\b/, back: 1, label: 'a file is a table, which INSERT INTO writes and SELECT reads', hint: file },
  { before: /^$/, after: /^PRINT '/, code: 'E0005', message: 'PRINT is ksqlDB', label: 'in a shell:  sluice topic print NAME' },
  { before: /^$/, after: /^(PRAGMA|ATTACH|DETACH|VACUUM|SUMMARIZE|PIVOT|INSTALL|OPTIMIZE|REINDEX|CHECKPOINT|PREPARE|DECLARE|LOCK)\b/, label: 'another database has that; \\? and docs/language.md list what there is here' },
  { ...shell, code: 'E0004', after: /^(SLUICE|NPX|NPM|NODE|CD|LS|CAT) /, label: 'type it in a shell' },
  { ...shell, code: 'E0004', after: /^(HELP|QUIT|EXIT|CLEAR)\b/, label: 'the prompt knows it, a script does not' },
  { ...shell, code: 'E0004', after: /^\. [A-Z]+/, label: 'commands of the prompt begin with \\ and stand in no script; \\? lists them, SHOW TABLES; is SQL' },
  { before: /^$/, after: /^(IMPORT|PACKAGE|PUBLIC|DEF|CONST|LET|VAR|[A-Z_]+ = )/, code: 'E0004', message: 'this is a program around SQL', label: 'paste only the SQL within its quotes' },
  { ...shell, code: 'E0004', after: /^SOURCE /, label: '\\i FILE at the prompt, sluice -f FILE in a shell' },
  { before: /^$/, after: /^(KILL|PAUSE|RESUME|CANCEL|TERMINATE)\b/, label: "a job is stopped at the prompt:  STOP JOB 'name';  and goes on from its checkpoint when it is started again" },
  { before: /^STOP JOB$/, after: /^(\w+|`x`)/, label: "the name is a text:  STOP JOB 'name'" },
  { before: /^SHOW$/, after: /^ALL\b/, label: settings },
  // CREATE, DROP, ALTER.
  { before: /^CREATE( OR REPLACE)?$/, after: /^STREAM /, code: 'E0005', message: 'CREATE STREAM is ksqlDB; here a stream is a table', label: 'CREATE TABLE', hint: "KAFKA_TOPIC -> 'topic',  VALUE_FORMAT = 'JSON' -> 'format' = 'json',  and 'connector' = 'kafka'" },
  { before: /^CREATE$/, after: /^(SOURCE|SINK|CONNECTOR|CONNECTION) /, code: 'E0005', message: 'here sources and sinks are tables', label: "CREATE TABLE t (..) WITH ('connector' = 'kafka', ...)", hint: 'a table is read by SELECT and written by INSERT INTO' },
  { before: /^(CREATE|DROP|ALTER|USE)$/, after: /^SCHEMA\b/, message: 'a schema is a database here', label: 'write DATABASE' },
  { before: /^CREATE( UNIQUE)?$/, after: /^(UNIQUE )?INDEX /, message: 'tables have no indexes', label: 'leave it out: a query keeps what it needs in its state' },
  { before: /^CREATE$/, after: /^(USER|ROLE|SEQUENCE|TYPE|TRIGGER|PROCEDURE|RULE|POLICY|EXTENSION|MACRO) /, label: 'there are tables, views, databases and catalogs' },
  { before: /^CREATE$/, after: /^TEMP /, label: 'write TEMPORARY' },
  { before: /^CREATE$/, after: /^EXTERNAL /, label: 'leave it out: the rows of every table lie where its connector says' },
  { before: /^CREATE( OR REPLACE)? MATERIALIZED$/, after: /^VIEW /, code: 'E0005', back: 1, message: 'a result that is kept up to date is a table here', label: 'CREATE TABLE t (..) WITH (..);  INSERT INTO t SELECT ...;' },
  { before: /^CREATE OR REPLACE$/, after: /^(TEMPORARY )?VIEW /, back: 2, label: 'a view that is there:  ALTER VIEW v AS SELECT ...;   a new one:  CREATE VIEW v AS SELECT ...;' },
  { before: /^CREATE (TEMPORARY )?(TABLE|VIEW|DATABASE|CATALOG) IF$/, after: /^EXISTS /, label: 'write IF NOT EXISTS' },
  { before: /^CREATE TABLE .*\($/, after: /^LIKE /, label: 'it stands behind the columns:  CREATE TABLE t LIKE u' },
  { before: /^CREATE VIEW .* AS$/, after: /^(INSERT|CREATE|DROP) /, label: 'a view is a query: SELECT, VALUES or WITH' },
  { before: /^(DROP|ALTER)$/, after: /^(\w+|`x`)/, label: 'say what it is: TABLE, VIEW, DATABASE or CATALOG' },
  { before: /^DROP (TABLE|VIEW) (IF EXISTS )?\S+( \. \S+)*$/, after: /^,/, label: 'one at a time: DROP TABLE a; DROP TABLE b;' },
  { before: /^DROP (TABLE|VIEW) (IF EXISTS )?\S+( \. \S+)*$/, after: /^(CASCADE|RESTRICT|PURGE)\b/, label: 'leave it out' },
  { before: /^(DROP|ALTER) (TABLE|VIEW|DATABASE|CATALOG) \S+( \. \S+)*$/, after: /^IF (NOT )?EXISTS\b/, label: 'it stands before the name:  DROP TABLE IF EXISTS t' },
  { before: /^ALTER TABLE .* (ADD|MODIFY|DROP|RENAME) COLUMN( \S+)?$/, after: /^/, label: 'without the word COLUMN:  ADD x INT,  MODIFY x INT,  DROP x,  RENAME x TO y' },
  { before: /^ALTER TABLE \S+( \. \S+)*$/, after: /^(ALTER|CHANGE) /, label: 'write MODIFY x INT' },
  { before: /^ALTER TABLE .* SET$/, after: /^[A-Z']/, label: "write SET ('key' = 'value')" },
  // Columns and their types.
  { before: /^CREATE .*[A-Z)>]$/, after: /^(AUTO_INCREMENT|DEFAULT|UNIQUE|CHECK|REFERENCES|GENERATED|IDENTITY|COLLATE|ENCODE|UNSIGNED|INDEX)\b/, label: 'behind its type a column has NOT NULL, PRIMARY KEY NOT ENFORCED, METADATA or COMMENT, and no more' },
  { before: /^CREATE .*[(,] (INDEX|KEY|UNIQUE( KEY)?|FOREIGN( KEY)?|CHECK)$/, after: /^/, label: 'of these there is only PRIMARY KEY (a) NOT ENFORCED' },
  { before: /^(CREATE|ALTER) .*\bPRIMARY KEY( \([^)]*\))?$/, after: /^ENFORCED\b/, label: 'write NOT ENFORCED: the rows are not of this engine, which cannot see that a key comes once' },
  { before: /^CREATE .* METADATA VIRTUAL$/, after: /^FROM /, label: "write METADATA FROM 'key' VIRTUAL" },
  { before: /^CREATE .* WATERMARK (FOR )?(\S+)$/, after: /^(AS|,|\)|-)/, label: "write WATERMARK FOR ts AS ts - INTERVAL '5' SECOND" },
  { before: /^CREATE TABLE [^(]*\(.*[A-Z)>]$/, after: /^AS /, label: 'a computed column has no type of its own:  b AS a + 1' },
  { before: /\b[A-Z]\w*( \( \d+ \))?$/, after: /^\[ \d* ?\]/, label: 'an array is ARRAY<type>:  ARRAY<INT>' },
  { before: /\bSTRUCT$/, after: /^</, back: 1, label: 'here it is ROW:  ROW<name STRING, size INT>' },
  { before: /\b(VARCHAR|CHAR|DECIMAL|TIMESTAMP|BINARY|VARBINARY) \($/, after: /^\)/, label: 'a number is missing:  VARCHAR(20);  a text of any length is STRING' },
  { before: /^CREATE .* (ARRAY|MULTISET)$/, after: /^[,)]/, label: 'of what?  ARRAY<STRING>' },
  { before: /^CREATE .* MAP( < \w+)?$/, after: /^[,)>]/, label: 'from what to what?  MAP<STRING, INT>' },
  { before: /^CREATE .* ROW <$/, after: /^>/, label: 'of what?  ROW<name STRING, size INT>' },
  { before: /^CREATE TABLE .*WITH \(.*\)$/, after: /^(PARTITIONED|COMMENT|DISTRIBUTED)\b/, label: 'it stands before WITH (..)' },
  { before: /^CREATE TABLE [^(]*\(.*\)$/, after: /^(STORED|LOCATION|ROW|ENGINE|USING|TBLPROPERTIES|CLUSTER)\b/, label: "where the rows lie and how stands in  WITH ('connector' = ..., 'format' = ...)" },
  // Options and settings.
  { before: /^RESET$/, after: /^[A-Z]/, label: "write RESET 'key'" },
  { before: /'x'$/, after: /^:/, label: "write 'key' = 'value'" },
  { before: /^(CREATE .*WITH \(.*|SET) ?'x' =$/, after: /^./, label: "a value is a text in quotes:  'key' = 'value'" },
  { before: /OPTIONS \((.*,)?( ?\w+)?$/, after: /^[A-Z.]/, label: "options are texts:  /*+ OPTIONS('key' = 'value') */" },
  // Queries.
  { before: /\bSELECT TOP$/, after: /^\d/, back: 1, label: 'write LIMIT at the end of the query' },
  { before: /\bSELECT$/, after: /^FROM\b/, label: 'name the columns, or * for all' },
  { before: /\* EXCEPT \($|\*$/, after: /^(EXCLUDE|EXCEPT|REPLACE|RENAME|[A-Z]\w* (,|\)))/, label: 'name the columns that are wanted: * leaves none out' },
  { before: /\bSELECT DISTINCT$/, after: /^ON\b/, label: 'SELECT DISTINCT tells rows apart by all of their columns' },
  { before: /^SELECT .*[^ ]$/, after: /^INTO\b/, label: 'write INSERT INTO t SELECT ...' },
  { before: /\b(FROM|JOIN) TOPIC$/, after: /^'/, code: 'E0002', back: 1, message: 'not supported yet: FROM TOPIC', label: "CREATE TABLE t (..) WITH ('connector' = 'kafka', 'topic' = '...', 'format' = 'json')" },
  { before: /\b(FROM|JOIN)$/, after: /^'/, label: 'a name stands in backticks; a file is a table', hint: file },
  { before: /\bEMIT$/, after: /^(CHANGES|FINAL)\b/, code: 'E0005', back: 1, message: 'EMIT CHANGES is ksqlDB', label: 'leave it out: every query gives its changes' },
  { before: /\bWINDOW$/, after: /^(TUMBLING|HOPPING|SESSION)\b/, code: 'E0005', back: 1, message: 'WINDOW TUMBLING is ksqlDB', label: 'here a window is a table function', hint: window },
  { before: /\bLIMIT \d+$/, after: /^, /, label: 'the first of them is OFFSET:  LIMIT 5, 10 is written LIMIT 10 OFFSET 5' },
  { before: /\b(LIMIT|OFFSET|FETCH (FIRST|NEXT))$/, after: /^(-|'|[A-Z])/, label: 'it takes a number of rows: LIMIT 10' },
  { before: /\bGROUP BY$/, after: /^ALL\b/, label: 'name the columns that make the groups' },
  { before: /\bWITH (\S+ (\( .* \) )?AS|.*\) , \S+ AS)$/, after: /^(SELECT|VALUES|TABLE)\b/, label: 'it stands in parentheses:  WITH a AS (SELECT ...)' },
  { before: /\bWITH \S+ \($/, after: /^(SELECT|VALUES)\b/, label: 'AS is missing:  WITH a AS (SELECT ...)' },
  { before: /\bUSING$/, after: /^[A-Z]/, label: 'write USING (id)' },
  { before: /^DESC(RIBE)?( EXTENDED)?$/, after: /^(SELECT|WITH|VALUES|INSERT)\b/, label: 'DESCRIBE takes a table; the plan of a query tells EXPLAIN' },
  { before: /^(EXECUTE STATEMENT SET BEGIN|BEGIN STATEMENT SET ;)( .* ;)?$/, after: /^[A-Z]/, label: 'a statement set holds INSERTs, each with its ;' },
  { before: /^INSERT INTO TABLE$/, after: /^(\w+|`x`)/, back: 1, label: 'leave out TABLE' },
  { before: /^INSERT INTO \S+( \. \S+)*$/, after: /^SET\b/, label: 'write INSERT INTO t (a, b) VALUES (1, 2)' },
  { before: /^CREATE TABLE$/, after: /^(SELECT|INSERT)\b/, label: 'as a name it stands in backticks' },
  // Values.
  { before: /\bCASE (?!.*\bWHEN\b).*[^ ]$/, after: /^THEN\b/, label: 'WHEN is missing:  CASE WHEN a = 1 THEN ...' },
  { before: /\bIS( NOT)?$/, after: /^(\d|'|`|[A-Z])/, label: 'behind IS stand NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM; values are compared by =' },
  { before: /[\w`'")]$/, after: /^(RLIKE|REGEXP)\b/, label: "write REGEXP(text, 'pattern')" },
  { before: /[\w`'")]$/, after: /^CONTAINS\b/, label: "write text LIKE '%part%'" },
  { before: /[\w`'")]( NOT)?$/, after: /^ILIKE\b/, label: "write LOWER(text) LIKE 'a%', the pattern in small letters" },
  { before: /[\w`'")]$/, after: /^GLOB\b/, label: "write text LIKE 'a%'" },
  { before: /[\w`'")]$/, after: /^ISNULL\b/, label: 'write IS NULL' },
  { before: /[\w`'")]$/, after: /^NOTNULL\b/, label: 'write IS NOT NULL' },
  { before: /[\w`'")] NOT$/, after: /^NULL\b/, back: 1, label: 'write IS NOT NULL' },
  { before: /\bIN$/, after: /^(\d|'|`|[A-Z])/, label: 'the values stand in parentheses:  IN (1, 2)' },
  { before: /\bIN \($/, after: /^\)/, label: 'name at least one value' },
  { before: /\bVALUES( .*,)? \($/, after: /^\)/, label: 'name at least one value' },
  { before: /\bBETWEEN \S+$/, after: /^,/, label: 'write BETWEEN 1 AND 2' },
  { before: /\bLIKE$/, after: /^(%|_|[A-Z])/, label: "a pattern is a text:  LIKE '%part%'" },
  { before: /\b(TRY_)?CAST \( [^(]*$/, after: /^([A-Z]|,)/, label: 'write CAST(value AS type)' },
  { before: /\bEXISTS$/, after: /^[^(]/, label: 'it takes a query:  EXISTS (SELECT ...)' },
  { before: / -$/, after: /^>/, back: 1, label: "a field of a row is a.b; one in a JSON text is JSON_VALUE(a, '$.b')" },
  { before: /$/, after: /^\$/, label: 'a value from outside is ? or :name' },
  { before: /(\bSELECT|,|=|\(|\+|^VALUES)$/, after: /^\[/, label: 'an array is ARRAY[1, 2]; a name stands in backticks' },
  { before: /(\bSELECT|,|=|\()$/, after: /^\{/, label: "a map is MAP['a', 1], a row ROW(1, 2)" },
  { before: /\bINTERVAL$/, after: /^\d/, label: "a number stands in quotes:  INTERVAL '1' HOUR" },
  { before: /\. [A-Z]\w*$/, after: /^\(/, label: 'a function takes what it works on in its parentheses:  UPPER(a)' },
  { before: /\bFILTER$/, after: /^WHERE\b/, label: 'write FILTER (WHERE ...)' },
  { before: /\bDISTINCT$/, after: /^\*/, label: 'name a column:  COUNT(DISTINCT id)' },
  { before: /[\w`]$/, after: /^\.\d/, label: 'an element of an array is a[1]' },
  { before: /^CREATE TABLE \S+( \. \S+)* \($/, after: /^\)/, label: 'columns are missing:  (id BIGINT, name STRING)' },
  { before: /$/, after: /^\/ \//, label: 'a comment begins with --' },
  { before: /\/$/, after: /^\//, back: 1, label: 'a comment begins with --;  a whole quotient is a / b of whole numbers' },
  { before: /\*$/, after: /^\*/, back: 1, label: 'write POWER(a, b)' },
  { before: /$/, after: /^\^/, label: 'write POWER(a, b)' },
  { before: /$/, after: /^\|/, label: 'texts are joined by ||, conditions by OR' },
  { before: /$/, after: /^\*\//, label: 'there is no /* before it' },
];

/** Another database's way to say something, when the parser stopped at token `at` because of it. */
export function habitAt(statement: readonly IToken[], at: number): Diagnostic | undefined {
  const words = statement.map(shownAs);
  const before = words.slice(0, at).join(' ');
  const after = words.slice(at, at + 8).join(' ');
  const habit = habits.find((candidate) => candidate.before.test(before) && candidate.after.test(after));
  const token = statement[at];
  if (habit === undefined || token === undefined) return undefined;
  const first = statement[Math.max(0, at - (habit.back ?? 0))] ?? token;
  const previous = statement[at - 1];
  const message = habit.message ?? (previous === undefined ? `no statement begins with "${token.image}"` : `${quoted(token)} cannot stand after ${quoted(previous)}`);
  return { code: habit.code ?? 'E0001', message, span: { start: first.startOffset, end: endOf(token) }, label: habit.label, hint: habit.hint };
}

function shownAs({ tokenType, image }: IToken): string {
  if (tokenType === StringLiteral) return "'x'";
  if (tokenType === QuotedIdentifier) return '`x`';
  return tokenType === NumberLiteral ? image : image.toUpperCase();
}

function quoted({ image }: IToken): string {
  return image.startsWith("'") || image.startsWith('`') ? image : `"${image}"`;
}
