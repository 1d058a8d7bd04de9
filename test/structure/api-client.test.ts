import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { TestApi } from '@culvert/api/testing';

const root = resolve(import.meta.dirname, '..', '..');
const file = join(root, 'packages/dashboard/browser/api/schema.ts');
const HEAD =
  '// Made from the API’s OpenAPI document: CULVERT_WRITE_DOCS=1 node --test test/structure/api-client.test.ts\n';

it('the dashboard’s client has the types of the API as it is', async () => {
  await using api = await TestApi.start();
  const document = (await (await fetch(`${api.url}/docs/json`)).json()) as object;
  const made = HEAD + (await typesOf(document));
  if (process.env.CULVERT_WRITE_DOCS === '1') writeFileSync(file, made);
  assert.equal(readFileSync(file, 'utf8'), made, 'run this test with CULVERT_WRITE_DOCS=1');
});

/** The generator, with the compiler that it needs, is the dashboard's. */
async function typesOf(document: object): Promise<string> {
  const require = createRequire(join(root, 'packages/dashboard/package.json'));
  const { default: openapiTS, astToString } = require('openapi-typescript');
  return astToString(await openapiTS(document, { alphabetize: true }));
}
