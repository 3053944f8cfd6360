/**
 * Evaluations of typical rules of a CustomResourceDefinition per second, costs counted. The ceiling is the same
 * condition written in TypeScript over the same objects: what no interpreter reaches, and the same on every machine.
 */

import { compile, isProgram } from '#api/cel/compile.ts';
import type { CelSchema } from '#api/cel/contract.ts';
import { ruleEnvironment } from '#api/cel/environments/rule.ts';
import { declareType } from '#api/cel/schema/declare-type.ts';
import type { BenchRow } from '../row.ts';

interface Port {
  readonly name: string;
  readonly port: number;
}

interface Spec {
  readonly minReplicas: number;
  readonly replicas: number;
  readonly maxReplicas: number;
  readonly ports: readonly Port[];
}

const integer: CelSchema = { type: 'integer' };
const port: CelSchema = {
  type: 'object',
  properties: new Map([
    ['name', { type: 'string', maxLength: 63 }],
    ['port', integer],
  ]),
};
const schema: CelSchema = {
  type: 'object',
  properties: new Map<string, CelSchema>([
    ['minReplicas', integer],
    ['replicas', integer],
    ['maxReplicas', integer],
    ['ports', { type: 'array', maxItems: 16, items: port }],
  ]),
};

interface Rule {
  readonly what: string;
  readonly expression: string;
  readonly native: (self: Spec) => boolean;
}

const rules: readonly Rule[] = [
  {
    what: 'CEL rule of two comparisons',
    expression: 'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas',
    native: (self) => self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas,
  },
  {
    what: 'CEL rule over eight ports',
    expression: "self.ports.all(p, p.name.startsWith('p') && p.port > 0 && p.port < 65536)",
    native: (self) => self.ports.every((p) => p.name.startsWith('p') && p.port > 0 && p.port < 65536),
  },
];

const objects: readonly Spec[] = Array.from({ length: 64 }, (_, index) => ({
  minReplicas: 1,
  replicas: 2 + index,
  maxReplicas: 100,
  ports: Array.from({ length: 8 }, (_unused, number) => ({ name: `p${number}`, port: 8000 + number })),
}));

export async function celBench(): Promise<BenchRow[]> {
  const environment = ruleEnvironment(declareType(schema, false)!);
  return rules.map(({ what, expression, native }) => {
    const program = compile(expression, environment);
    if (!isProgram(program)) throw new Error(program.text);
    const rate = rateOf((self) => program.evaluate({ self }).ok);
    const ceiling = rateOf(native);
    return {
      what: `${what}, evaluations`,
      value: `${perMicrosecond(rate)} (${Math.round(1e9 / rate)} ns each)`,
      ceiling: perMicrosecond(ceiling),
      ratio: rate / ceiling,
    };
  });
}

const perMicrosecond = (rate: number) => `${(rate / 1e6).toFixed(2)}/µs`;

/** Calls a second, after as many to warm up. */
function rateOf(run: (self: Spec) => boolean): number {
  const rounds = 5_000;
  let rate = 0;
  for (let pass = 0; pass < 4; pass++) {
    let holding = 0;
    const start = performance.now();
    for (let round = 0; round < rounds; round++) {
      for (const self of objects) if (run(self)) holding++;
    }
    rate = (rounds * objects.length * 1000) / (performance.now() - start);
    if (holding !== rounds * objects.length) throw new Error('a rule does not hold');
  }
  return rate;
}
