/** Crockford's base 32 in lower case: no letter that is mistaken for another when read out. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `bytes` as base 32, 5 bits a letter, most significant bits first. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** A random id such as `c_5f3k…`: the prefix says what it names; 80 random bits make a clash unthinkable. */
export function randomId(prefix: string): string {
  return `${prefix}_${base32(crypto.getRandomValues(new Uint8Array(10)))}`;
}
