import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactVerify } from 'jose';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import { detachedSignature } from '#api/values/bootstrap-token.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { bootstrapSigner } from './bootstrap-signer.ts';

const key = 'kube-public/cluster-info';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const tokenOf = (id: string, more: Record<string, string> = {}, name = `bootstrap-token-${id}`) => {
  const texts = {
    'token-id': id,
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-signing': 'true',
    ...more,
  };
  const data = Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, base64(text)]));
  const metadata = storedMetadata(name, { namespace: 'kube-system' });
  return { metadata, type: 'bootstrap.kubernetes.io/token', data };
};
const mapOf = (data: Record<string, string>) => ({
  metadata: storedMetadata('cluster-info', { namespace: 'kube-public' }),
  data,
});

async function dataAfter(data: Record<string, string>, ...tokens: ReturnType<typeof tokenOf>[]) {
  const controller = new DryController(bootstrapSigner).put(configMaps, mapOf(data)).put(secrets, ...tokens);
  const [step] = (await controller.plan(key)).actions;
  return step?.do === 'update' ? (step.object as ConfigMap).data : undefined;
}

test('cluster-info – with bootstrap tokens – is signed by those with the usage signing', async () => {
  const good = {
    'jws-kubeconfig-aaaaaa': detachedSignature('KUBECONFIG', { id: 'aaaaaa', secret: '0123456789abcdef' }),
  };
  const tokens = [
    tokenOf('aaaaaa'),
    tokenOf('bbbbbb', { 'usage-bootstrap-signing': 'false' }),
    tokenOf('cccccc', { expiration: '2026-01-01T12:00:00Z' }),
    tokenOf('dddddd', {}, 'bootstrap-token-eeeeee'),
  ];
  const kubeconfig = 'KUBECONFIG';
  assert.deepEqual(await dataAfter({ kubeconfig, 'jws-kubeconfig-ffffff': 'old' }, ...tokens), {
    kubeconfig,
    ...good,
  });
  assert.equal(await dataAfter({ kubeconfig, ...good }, ...tokens), undefined);
  assert.equal(await dataAfter({}, ...tokens), undefined);
  assert.deepEqual(await dataAfter({ kubeconfig, ...good }), { kubeconfig });
});

test('a detached signature – with its content put back – is valid', async () => {
  const [header, , signature] = detachedSignature('KUBECONFIG', { id: 'aaaaaa', secret: 's3cret' }).split(
    '.',
  );
  const whole = `${header}.${Buffer.from('KUBECONFIG').toString('base64url')}.${signature}`;
  const { protectedHeader } = await compactVerify(whole, Buffer.from('s3cret'));
  assert.deepEqual(protectedHeader, { alg: 'HS256', kid: 'aaaaaa' });
});
