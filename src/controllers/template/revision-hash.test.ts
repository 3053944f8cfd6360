/** Expected values come from upstream's own functions for these templates. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goJson } from '#base/text/go-json.ts';
import { large, small } from '#testing/objects/pod-templates.ts';
import { dataOf } from './controller-revisions.ts';
import { revisionHash } from './revision-hash.ts';

test('a revision – it holds what upstream computes, byte for byte', () => {
  const expected =
    '{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"t0"}},"spec":{"containers":[{"image":"web:1","imagePullPolicy":"IfNotPresent","name":"c","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30}}}}';
  assert.equal(goJson(dataOf(small)), expected);
});

test('a revision of a StatefulSet – its name is that of upstream', () => {
  assert.equal(revisionHash(small, undefined), '86dbd89f');
  assert.equal(revisionHash(small, 0), '86dbd89f');
  assert.equal(revisionHash(large, 3), '7fdfc688b9');
});
