import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { csrCleaner } from './cleaner.ts';

const justNow = '2026-01-01T12:00:00Z';
const longAgo = '2025-12-30T00:00:00Z';

function request(type: string, lastUpdateTime: string, certificate?: string): Stored<Request> {
  const conditions = type === '' ? [] : [{ type, status: 'True', lastUpdateTime }];
  return {
    metadata: storedMetadata('r', { creationTimestamp: lastUpdateTime }),
    spec: { request: '', signerName: 'example.com/s' },
    status: { conditions, ...(certificate ? { certificate } : {}) },
  };
}

const deleted = ['delete CertificateSigningRequest r'];
const hour = ['again after 3600001 ms'];
const day = ['again after 86400000 ms'];
const rows: [string, Stored<Request>, string[]][] = [
  ['waiting since now', request('', justNow), day],
  ['waiting for long', request('', longAgo), deleted],
  ['denied now', request('Denied', justNow), hour],
  ['denied long ago', request('Denied', longAgo), deleted],
  ['failed long ago', request('Failed', longAgo), deleted],
  ['issued now', request('Approved', justNow, 'YQ=='), hour],
  ['issued long ago', request('Approved', longAgo, 'YQ=='), deleted],
  ['approved now and not issued', request('Approved', justNow), day],
  ['approved long ago and not issued', request('Approved', longAgo), deleted],
];
for (const [name, object, expected] of rows) {
  test(`a request – ${name} – ${expected[0]}`, async () => {
    const controller = new DryController(csrCleaner).put(certificateSigningRequests, object);
    const lines = await controller.printed('r');
    assert.deepEqual(
      lines.map((line) => line.replace(/ \(.*| ignoring.*/, '')),
      expected,
    );
  });
}
