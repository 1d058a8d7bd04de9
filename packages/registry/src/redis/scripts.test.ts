import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadScripts } from './scripts.ts';

const directory = new URL('../lua/', import.meta.url);

describe('the scripts', () => {
  it('are exactly those in the folder', () => {
    const files = readdirSync(directory).map((file) => file.replace(/\.lua$/, ''));
    assert.deepEqual(files.sort(), [...Object.keys(loadScripts()), 'shared'].sort());
  });

  it('say at the top what they take, answer, require and leave behind', () => {
    for (const name of Object.keys(loadScripts())) {
      const text = readFileSync(new URL(`${name}.lua`, directory), 'utf8');
      const head = text.slice(0, text.indexOf('\n\n'));
      for (const part of ['-- KEYS ', '-- ARGV ', '-- Reply ', '-- Pre: ', '-- Post:']) {
        assert.ok(head.includes(part), `${name}.lua lacks ${part}`);
      }
    }
  });

  it('build no key of their own: on a Cluster, keys must be named in KEYS', () => {
    for (const [name, { text }] of Object.entries(loadScripts())) {
      assert.doesNotMatch(text, /redis\.call\('(?!INFO')[A-Z]+', *['"]/, name);
    }
  });
});
