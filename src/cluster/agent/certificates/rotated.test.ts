import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { issueAuthority, type KeyPair } from '#pki/certificate.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { readPair } from './certificate-file.ts';
import { RotatedCertificate } from './rotated.ts';

const lifeMs = 100_000;

function start(change: { isFirst?: boolean; isAway?: boolean } = {}) {
  const clock = new VirtualClock();
  const env = { clock, random: { ...systemRandom, float: () => 0.5 }, log: silentLog };
  const issue = (): KeyPair =>
    issueAuthority({
      commonName: 'n',
      usages: [],
      notBeforeMs: clock.now(),
      notAfterMs: clock.now() + lifeMs,
      serial: systemRandom.bytes(8),
    });
  const path = join(mkdtempSync(join(tmpdir(), 'rotated-')), 'pki', 'current.pem');
  const seen: number[] = [];
  const beganMs = clock.now();
  const api = { isAway: change.isAway ?? false, asked: 0 };
  const request = async () => {
    api.asked++;
    if (api.isAway) throw new Error('away');
    return issue();
  };
  const { isFirst = false } = change;
  const certificate = new RotatedCertificate({ env, path, request, before: issue(), isFirst });
  let renewed = Promise.withResolvers<void>();
  certificate.onRenewed(() => {
    seen.push(clock.now() - beganMs);
    renewed.resolve();
    renewed = Promise.withResolvers<void>();
  });
  certificate.start();
  /** The file is written meanwhile, which takes no time of the clock. */
  const advanceToRenewal = async (ms: number) => {
    const { promise } = renewed;
    await clock.advance(ms);
    await promise;
  };
  return { clock, certificate, seen, api, path, advanceToRenewal };
}

test('a certificate – after 80 % of its life – is renewed, kept, and again after that of the next', async () => {
  const { clock, certificate, seen, path, advanceToRenewal } = start();
  await clock.advance(79_000);
  assert.deepEqual(seen, []);
  await advanceToRenewal(2000);
  assert.deepEqual(readPair(path), certificate.current);
  await advanceToRenewal(80_000);
  assert.equal(seen.length, 2);
  assert.ok(
    seen.every((ms, index) => Math.abs(ms - 80_000 * (index + 1)) < 2000),
    String(seen),
  );
  certificate.stop();
  await clock.advance(200_000);
  assert.equal(seen.length, 2);
});

test('a certificate – that the cluster has not signed yet – is asked for at once', async () => {
  const { seen, advanceToRenewal } = start({ isFirst: true });
  await advanceToRenewal(1);
  assert.deepEqual(seen.length, 1);
});

test('a renewal – while the API is away – is tried again, with pauses, until it comes', async () => {
  const { clock, seen, api, advanceToRenewal } = start({ isFirst: true, isAway: true });
  await clock.advance(60_000);
  assert.ok(api.asked >= 4 && api.asked <= 7, String(api.asked));
  assert.deepEqual(seen, []);
  api.isAway = false;
  await advanceToRenewal(40_000);
  assert.equal(seen.length, 1);
});
