import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { SqlError } from '../core/diagnostic.ts';
import type { ScalarFunction } from './definition.ts';
import { valueFunction } from './value-function.ts';

/** Text and bytes in other forms: hexadecimal, base 64, URLs, character sets, hashes. Source: Flink's documentation, string and hash functions. */

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Pairs of digits as bytes. Of an odd number of digits the first is dropped and gives a zero, as in Flink. */
function unhex(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const even = text.length % 2 === 0 ? text : `00${text.slice(1)}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, i) => Number.parseInt(even.slice(2 * i, 2 * i + 2), 16));
}


function bytesOf(binary: string): Uint8Array {
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1) throw new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' is no base 64` });
  return fromUtf8.decode(bytesOf(atob(text)));
}

/** As a form's fields: letters, digits and `.-*_` stay, a space is a +. */
function urlEncode(text: string): string {
  let result = '';
  for (const byte of utf8.encode(text)) {
    const char = String.fromCharCode(byte);
    result += char === ' ' ? '+' : /[A-Za-z0-9.*_-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

function urlDecode(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) => fromUtf8.decode(unhex(codes.replaceAll('%', ''))));
}

const urlForm = /^(https?|ftp|file|jar|mailto):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i;

/** A part of a URL; NULL when it has none or is no URL. */
function parseUrl(url: string, part: string, key?: string): string | undefined {
  const match = urlForm.exec(url);
  if (match === null || (key !== undefined && part !== 'QUERY')) return undefined;
  const [, protocol, authority = '', path = '', query, ref] = match;
  const at = authority.lastIndexOf('@');
  switch (part) {
    case 'PROTOCOL':
      return protocol?.toLowerCase();
    case 'AUTHORITY':
      return authority === '' ? undefined : authority;
    case 'USERINFO':
      return at < 0 ? undefined : authority.slice(0, at);
    case 'HOST':
      return authority.slice(at + 1).replace(/:\d*$/, '');
    case 'PATH':
      return path;
    case 'FILE':
      return query === undefined ? path : `${path}?${query}`;
    case 'REF':
      return ref;
    case 'QUERY': {
      if (key === undefined) return query;
      const field = query?.split('&').find((pair) => pair.startsWith(`${key}=`));
      return field?.slice(key.length + 1);
    }
    default:
      return undefined;
  }
}

const charsets = new Set(['UTF-8', 'US-ASCII', 'ISO-8859-1', 'UTF-16', 'UTF-16BE', 'UTF-16LE']);

function charset(name: string): string {
  const known = name.toUpperCase();
  if (!charsets.has(known)) throw new SqlError({ code: 'E0207', message: `there is no character set '${name}'`, hint: [...charsets].join(', ') });
  return known;
}

function encode(text: string, name: string): Uint8Array {
  const set = charset(name);
  if (set === 'UTF-8') return utf8.encode(text);
  if (set === 'US-ASCII' || set === 'ISO-8859-1') {
    const last = set === 'US-ASCII' ? 0x7f : 0xff;
    return Uint8Array.from([...text], (char) => ((char.codePointAt(0) ?? 0) > last ? 0x3f : (char.codePointAt(0) ?? 0)));
  }
  const units = set === 'UTF-16' ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(2 * i, units.charCodeAt(i), set === 'UTF-16LE');
  return bytes;
}

function decode(bytes: Uint8Array, name: string): string {
  const set = charset(name);
  if (set === 'UTF-8') return fromUtf8.decode(bytes);
  if (set === 'US-ASCII' || set === 'ISO-8859-1') {
    let text = '';
    for (const byte of bytes) text += set === 'US-ASCII' && byte > 0x7f ? '\ufffd' : String.fromCharCode(byte);
    return text;
  }
  const marked = set === 'UTF-16' ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let i = marked === 0xfeff || marked === 0xfffe ? 2 : 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(view.getUint16(i, set === 'UTF-16LE' || marked === 0xfffe));
  return text;
}

type Hash = (bytes: Uint8Array) => Uint8Array;

const sha2: Readonly<Record<number, Hash>> = { 224: sha224, 256: sha256, 384: sha384, 512: sha512 };

function sha2Of(bytes: Uint8Array, bits: number): string {
  const hash = sha2[bits];
  if (hash === undefined) throw new SqlError({ code: 'E0207', message: `there is no SHA2 of ${bits} bits`, hint: '224, 256, 384 or 512' });
  return hex(hash(bytes));
}

function hashFunction(name: string, hash: Hash, result: string): ScalarFunction {
  return valueFunction(
    name,
    [{ args: ['text'], result: 'text', call: (text: string) => hex(hash(utf8.encode(text))) }, { args: ['bytes'], result: 'text', call: (bytes: Uint8Array) => hex(hash(bytes)) }],
    `The ${name} hash of the text's UTF-8, or of the bytes, in hexadecimal digits.`,
    [[`${name}('')`, result]],
  );
}

/** All of base 64 and hashes that take text take bytes as well. */
export const encodingFunctions: readonly ScalarFunction[] = [
  valueFunction(
    'HEX',
    [
      { args: ['bigint'], result: 'text', call: (value: bigint) => BigInt.asUintN(64, value).toString(16).toUpperCase() },
      { args: ['text'], result: 'text', call: (text: string) => hex(utf8.encode(text)).toUpperCase() },
    ],
    "The number, or the text's UTF-8, in hexadecimal digits.",
    [['HEX(255)', 'FF'], ["HEX('az')", '617A']],
  ),
  valueFunction('UNHEX', [{ args: ['text'], result: 'bytes', mayBeNull: true, call: unhex }], 'The bytes that hexadecimal digits say; NULL when they say none.', [["DECODE(UNHEX('617a'), 'UTF-8')", 'az'], ["UNHEX('xy')", null]]),
  valueFunction('BIN', [{ args: ['bigint'], result: 'text', call: (value: bigint) => BigInt.asUintN(64, value).toString(2) }], 'The number in binary digits.', [['BIN(5)', '101']]),
  valueFunction(
    'TO_BASE64',
    [{ args: ['text'], result: 'text', call: (text: string) => toBase64(utf8.encode(text)) }, { args: ['bytes'], result: 'text', call: toBase64 }],
    "The text's UTF-8, or the bytes, in base 64.",
    [["TO_BASE64('Sluice')", 'U2x1aWNl'], ["TO_BASE64(x'00ff')", 'AP8=']],
  ),
  valueFunction(
    'FROM_BASE64',
    [{ args: ['text'], result: 'text', call: fromBase64 }, { args: ['bytes'], result: 'text', call: (bytes: Uint8Array) => fromBase64(fromUtf8.decode(bytes)) }],
    'The text that stands in base 64.',
    [["FROM_BASE64('U2x1aWNl')", 'Sluice']],
  ),
  valueFunction('ENCODE', [{ args: ['text', 'text'], result: 'bytes', call: encode }], 'The text as bytes of a character set: UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE, UTF-16LE.', [["DECODE(ENCODE('Grün', 'ISO-8859-1'), 'ISO-8859-1')", 'Grün']]),
  valueFunction('DECODE', [{ args: ['bytes', 'text'], result: 'text', call: decode }], 'The text that bytes of a character set are.', [["DECODE(ENCODE('a', 'UTF-16LE'), 'UTF-16BE')", '愀']]),
  valueFunction('URL_ENCODE', [{ args: ['text'], result: 'text', call: urlEncode }], 'The text as it stands in the fields of a URL.', [["URL_ENCODE('a b&c')", 'a+b%26c']]),
  valueFunction('URL_DECODE', [{ args: ['text'], result: 'text', mayBeNull: true, call: urlDecode }], 'The text that stands in the fields of a URL; NULL when a code is none.', [["URL_DECODE('a+b%26c')", 'a b&c'], ["URL_DECODE('%x')", null]]),
  valueFunction(
    'PARSE_URL',
    [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: (url: string, part: string) => parseUrl(url, part) }, { args: ['text', 'text', 'text'], result: 'text', mayBeNull: true, call: parseUrl }],
    'A part of a URL: PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, FILE, QUERY or REF; of QUERY, with a third argument, the field of that name.',
    [["PARSE_URL('https://shop.test/cart?id=7&n=2#top', 'QUERY', 'n')", '2'], ["PARSE_URL('https://shop.test/cart', 'HOST')", 'shop.test']],
  ),
  hashFunction('MD5', md5, 'd41d8cd98f00b204e9800998ecf8427e'),
  hashFunction('SHA1', sha1, 'da39a3ee5e6b4b0d3255bfef95601890afd80709'),
  hashFunction('SHA224', sha224, 'd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f'),
  hashFunction('SHA256', sha256, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
  hashFunction('SHA384', sha384, '38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b'),
  hashFunction('SHA512', sha512, 'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e'),
  valueFunction(
    'SHA2',
    [{ args: ['text', 'int'], result: 'text', call: (text: string, bits: number) => sha2Of(utf8.encode(text), bits) }, { args: ['bytes', 'int'], result: 'text', call: sha2Of }],
    'The hash of the SHA-2 family of 224, 256, 384 or 512 bits, in hexadecimal digits.',
    [["SHA2('', 224)", 'd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f']],
  ),
];
