// Node's parsers as an adapter: the protocol is that of fuzz/adapters/pipe.c. Forms are read with
// URLSearchParams, or with querystring where the first argument says so.
'use strict';

const fs = require('node:fs');
const querystring = require('node:querystring');

function readForm(content) {
  const text = content.toString('latin1');
  if (process.argv[2] !== 'querystring') {
    // Bytes above ASCII are escaped: a string of JavaScript holds none.
    const escaped = text.replace(/[\x80-\xff]/g, (c) => encodeURIByte(c.charCodeAt(0)));
    return [...new URLSearchParams(escaped)].flat();
  }
  const object = querystring.parse(content.toString('utf8'), '&', '=', { maxKeys: 0 });
  return Object.entries(object).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [name, one]));
}

function encodeURIByte(byte) {
  return '%' + byte.toString(16).padStart(2, '0');
}

function readBasic(value) {
  const match = /^basic +(.*)$/is.exec(value.toString('latin1'));
  if (match === null) return null;
  const pair = Buffer.from(match[1], 'base64');
  const colon = pair.indexOf(':');
  return colon < 0 ? null : [pair.subarray(0, colon), pair.subarray(colon + 1)];
}

const functions = { form: readForm, basic: readBasic };

function netstring(content) {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes, Buffer.from(',')]);
}

let pending = Buffer.alloc(0);

// The next netstring of the input, or null where it ends.
function readNetstring() {
  for (;;) {
    const colon = pending.indexOf(':');
    const length = colon < 0 ? NaN : Number(pending.subarray(0, colon).toString());
    if (colon >= 0 && pending.length > colon + 1 + length) {
      const content = pending.subarray(colon + 1, colon + 1 + length);
      pending = pending.subarray(colon + 2 + length);
      return content;
    }
    const chunk = Buffer.alloc(65536);
    const size = fs.readSync(0, chunk, 0, chunk.length, null);
    if (size === 0) return null;
    pending = Buffer.concat([pending, chunk.subarray(0, size)]);
  }
}

for (let name; (name = readNetstring()) !== null;) {
  const content = readNetstring();
  const read = functions[name.toString()];
  const parts = read === undefined ? null : read(content);
  const kind = read === undefined ? '?' : parts === null ? '-' : '+';
  const answer = netstring(Buffer.concat((parts ?? []).map(netstring)));
  fs.writeSync(1, Buffer.concat([Buffer.from(kind), answer]));
}
