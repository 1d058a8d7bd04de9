import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pacFile } from './pac.ts';

it('a PAC file names proxies in their order, and those that are reached over TLS as such', () => {
  const text = pacFile(['http://10.0.0.1:3128', 'https://proxy.example', 'http://[::1]:1']);
  assert.match(text, /return "PROXY 10\.0\.0\.1:3128; HTTPS proxy\.example:443; PROXY \[::1\]:1";/);
  assert.throws(() => pacFile(['http://a"b:1']), { code: 'internal' });
});
