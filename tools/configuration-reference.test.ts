/** The reference of the configuration file – is what the arguments say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationReference } from './write-configuration-reference.ts';

for (const [name, { found, wanted }] of Object.entries(configurationReference())) {
  test(`docs/reference/${name} – is up to date; else: npm run configuration-reference`, () => {
    assert.equal(found, wanted);
  });
}
