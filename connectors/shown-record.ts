const utf8 = new TextDecoder();

/** What is shown of a record that does not fit: at most `limit` bytes and, where those are not all, before them the value itself. */
export function shownRecord(bytes: Uint8Array, limit: number, value: string | undefined): string {
  if (bytes.length <= limit) return shownText(bytes, limit);
  const text = `${shownText(bytes, limit)}...`;
  return value === undefined ? text : `${shownText(Buffer.from(value), limit)}${value.length > limit ? '...' : ''}  in  ${text}`;
}

/** The first `limit` bytes of a record as text that a terminal shows and does not obey: what controls it is written `\x1b`. */
export function shownText(bytes: Uint8Array, limit: number): string {
  // oxlint-disable-next-line no-control-regex
  return utf8.decode(bytes.subarray(0, limit)).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
