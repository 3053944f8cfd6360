import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DescribedResource } from '../schema/schema.ts';
import { Fragments, jsonEntries } from './fragments.ts';

function described(name: string, schema: object = {}): DescribedResource {
  return { def: { resource: name }, schema } as unknown as DescribedResource;
}

function setUp() {
  const built: string[] = [];
  const fragments = new Fragments({
    ...jsonEntries,
    contentOf(resources) {
      const names = resources.map(({ def }) => def.resource);
      built.push(names.join());
      return { paths: Object.fromEntries(names.map((name) => [name, {}])), definitions: { Shared: {} } };
    },
  });
  return { built, fragments };
}

test('fragments – one more schema, another resource of a schema – only that schema is built', () => {
  const { built, fragments } = setUp();
  const builtIn = {};
  const first = [described('pods', builtIn), described('widgets'), described('nodes', builtIn)];
  fragments.of(first);
  assert.deepEqual(built.splice(0), ['pods,nodes', 'widgets']);
  const more = [...first, described('gadgets')];
  const { paths, definitions } = fragments.entriesOf(fragments.of(more));
  assert.deepEqual(built.splice(0), ['gadgets']);
  assert.equal(Buffer.concat(paths).toString(), '"pods":{},"nodes":{},"widgets":{},"gadgets":{}');
  assert.equal(Buffer.concat(definitions).toString(), '"Shared":{}');
  fragments.of([...more, described('services', builtIn)]);
  assert.deepEqual(built, ['pods,nodes,services']);
});

test('fragments – prepared – pauses after each schema that it builds, and builds none again', async () => {
  const { built, fragments } = setUp();
  const resources = ['a', 'b', 'c'].map((name) => described(name));
  const atPauses: number[] = [];
  const pause = async () => void atPauses.push(built.length);
  await fragments.prepare(resources, pause);
  assert.deepEqual(atPauses, [1, 2, 3]);
  await fragments.prepare(resources, pause);
  fragments.of(resources);
  assert.deepEqual([atPauses.length, built.length], [3, 3]);
});
