/**
 * The closed list of error codes. A code never changes its meaning; its first two digits say what it is about:
 * 00 text, 01 names, 02 types, time and grouping, 03 changes, 04 state, 05 options, 06 connections, 07 records,
 * 08 restore, 09 the library. W codes are warnings.
 */
export const errorCodes = {
  E0001: 'the text is not SQL that Sluice reads',
  E0002: 'not supported yet',
  E0003: 'a character that looks like another, or that cannot be seen',
  E0004: 'this is no SQL, but a program or a command around it',
  E0005: 'the SQL of another system',
  E0101: 'there is no such table',
  E0102: 'there is no such column',
  E0103: 'there is no such function',
  E0104: 'there is no such type',
  E0105: 'a name is used twice, or for more than one thing',
  E0106: 'there is no such catalog or database',
  E0201: 'a window needs a time column with a watermark',
  E0202: 'a window function stands where a value is expected',
  E0203: 'an ORDER BY cannot be kept over rows that do not end',
  E0204: 'a column is neither grouped nor inside an aggregate',
  E0205: 'the query does not have the columns of the table',
  E0206: 'types do not fit',
  E0207: 'a value does not fit its type',
  E0208: 'the arguments do not fit the function',
  E0301: 'the table takes only inserts',
  E0302: 'the query updates rows it already gave',
  E0303: 'an upsert table needs a primary key',
  E0304: 'a row would be withdrawn by a value that is another each time',
  E0401: 'the state would outgrow its limit',
  E0501: 'there is no such option',
  E0502: 'there is no such connector',
  E0503: 'an option is missing',
  E0504: 'an option has a wrong value',
  E0505: 'there is no such format',
  E0506: 'a table needs a Kafka broker and none was given',
  E0507: 'external brokers are not supported yet',
  E0508: 'a setting is unknown or has a wrong value',
  E0601: 'the broker does not answer',
  E0602: 'there is no such topic',
  E0603: 'another process holds the state directory',
  E0604: 'the producer was fenced by a newer one',
  E0605: 'the broker refused a request',
  E0606: 'a file or folder cannot be read or written',
  E0701: 'a record does not fit its table',
  E0702: 'a column that must not be NULL is NULL',
  E0703: 'a stored record batch is damaged',
  E0704: 'a value cannot be written in this format',
  E0801: 'the stored state does not fit the query',
  E0802: 'the stored state is newer than this program',
  E0803: 'the output topic is ahead of the stored state',
  E0804: 'a stored checkpoint is damaged or lost, or one cannot be stored',
  E0805: 'the topic is not what the checkpoint goes on in, or no longer holds the records that it goes on from',
  E0901: 'a result is read twice',
  E0902: 'exec was given a statement that does not end',
  E0903: 'the engine is closed',
  E0904: 'the call does not fit',
  E0999: 'a mistake inside Sluice',
} as const;

export type ErrorCode = keyof typeof errorCodes;
export type ErrorDomain = 'user' | 'external' | 'internal';

/** Whose fault an error is follows from its code, so that no throw site can disagree with another. */
export function domainOf(code: ErrorCode): ErrorDomain {
  if (code === 'E0999') return 'internal';
  return code.startsWith('E06') || code === 'E0805' ? 'external' : 'user';
}
