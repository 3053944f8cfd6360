import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import type { StatusError } from '#api/meta/status.ts';
import { withoutUnreadVersion, withReadVersion } from './resource-version.ts';

const object = (resourceVersion?: string) =>
  ({ metadata: resourceVersion === undefined ? {} : { resourceVersion } }) as AnyObject;

describe('a resource version – of digits – is read as a number', () => {
  for (const [given, read] of [
    [undefined, undefined],
    ['', ''],
    ['0', '0'],
    ['007', '7'],
    ['18446744073709551615', '18446744073709551615'],
  ] as const) {
    test(JSON.stringify(given), () => {
      assert.equal(withReadVersion(object(given)).metadata!.resourceVersion, read);
    });
  }
});

test("a resource version – that is no number – is rejected with the parser's message", async (t) => {
  for (const [given, why] of [
    ['abc', 'invalid syntax'],
    ['-1', 'invalid syntax'],
    ['1.5', 'invalid syntax'],
    [' 7', 'invalid syntax'],
    ['18446744073709551616', 'value out of range'],
  ] as const) {
    await t.test(given, () => {
      assert.throws(
        () => withReadVersion(object(given)),
        ({ status }: StatusError) => {
          assert.deepEqual([status.code, status.reason], [500, undefined]);
          assert.equal(status.message, `strconv.ParseUint: parsing "${given}": ${why}`);
          return true;
        },
      );
    });
  }
});

describe('the resource version of a creation – no number, or zero – is ignored', () => {
  for (const [given, left] of [
    ['abc', undefined],
    ['00', undefined],
    ['3', '3'],
  ] as const) {
    test(given, () => {
      assert.equal(withoutUnreadVersion(object(given)).metadata!.resourceVersion, left);
    });
  }
});
