import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert } from './conversion.ts';
import { apiVersion, kind, type Website } from './v1.ts';

const v1beta1 = 'web.example.com/v1beta1';
const metadata = { name: 'shop', namespace: 'default', annotations: { team: 'a' } };
const spec = { host: 'shop.example.com', image: 'nginx:1.29', port: 80, replicas: 2 };
const websites: Record<string, Website> = {
  'without aliases': { apiVersion, kind, metadata, spec },
  'with aliases': {
    apiVersion,
    kind,
    metadata,
    spec: { ...spec, aliases: ['b.example.com', 'a.example.com'] },
  },
  'with a list of no aliases': {
    apiVersion,
    kind,
    metadata: { name: 'shop' },
    spec: { ...spec, aliases: [] },
  },
  'with a status': { apiVersion, kind, metadata, spec, status: { readyReplicas: 2 } },
};

for (const [name, website] of Object.entries(websites)) {
  test(`a website ${name} – converted to v1beta1 and back – is the same`, () => {
    assert.deepEqual(convert(convert(website, v1beta1), apiVersion), website);
  });
}

test('a website – as v1beta1 – calls its host a domain, and keeps its aliases in an annotation', () => {
  assert.deepEqual(convert(websites['with aliases']!, v1beta1), {
    apiVersion: v1beta1,
    kind,
    metadata: {
      ...metadata,
      annotations: { team: 'a', 'web.example.com/aliases': '["b.example.com","a.example.com"]' },
    },
    spec: { domain: 'shop.example.com', image: 'nginx:1.29', port: 80, replicas: 2 },
  });
});

test('a website – wanted in an unknown version – is refused', () => {
  assert.throws(
    () => convert(websites['without aliases']!, 'web.example.com/v3'),
    /^Error: a Website has no version web\.example\.com\/v3$/,
  );
});
