/**
 * Writes src/ingress/gateways/definitions.gen.json from the published definitions of the Gateway API, without their prose:
 * `go mod download sigs.k8s.io/gateway-api@v1.6.3`, then `sh tools/run tools/extract/gateway-definitions.ts`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';

const version = 'v1.6.3';
const target = 'src/ingress/gateways/definitions.gen.json';

function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, field]) => key !== 'description' || typeof field !== 'string',
  );
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutProse(field)]));
}

const folder = join(homedir(), `go/pkg/mod/sigs.k8s.io/gateway-api@${version}/config/crd/standard`);
const definitions = readdirSync(folder)
  .filter((file) => file.startsWith('gateway.networking.k8s.io_') && !file.includes('_vap_'))
  .map((file) => withoutProse(load(readFileSync(join(folder, file), 'utf8'))));
writeFileSync(target, `${JSON.stringify(definitions)}\n`);
