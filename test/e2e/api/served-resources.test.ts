/** A made-up kind, on a running cluster: stock kubectl uses it at once, and others notice nothing. */

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { configMaps, namespaces, nodes } from '#api/generated/kinds.gen.ts';
import { ageColumn, column, nameColumn } from '#api/kind/printer.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Cluster, startCluster } from '#cluster/cluster.ts';
import { servableWidget, string, widgetPrinter, widgets } from '#testing/widgets.ts';
import { eventually, kubectl, spawnKubectl, tryKubectl } from '../../support/cluster.ts';

const home = mkdtempSync(join(tmpdir(), 'kybern-served-'));
const kubeconfig = join(home, 'kubeconfig');
const place = {
  name: 'served',
  home,
  kubeconfig,
  env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig },
};
let cluster: Cluster;
const k = (...args: string[]) => kubectl(place, args);
const fails = async (...args: string[]) => (await tryKubectl(place, args)).stderr;
const create = (yaml: string) => kubectl(place, ['create', '-f', '-'], yaml);
const manifest = (name: string, spec = 'size: small') =>
  `apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;

before(async () => {
  cluster = await startCluster({ name: 'served' });
  writeFileSync(kubeconfig, cluster.kubeconfig);
});
after(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A watch of another kind, from before the made-up one came until after it has gone. */
function follow(type: ResourceType) {
  const stop = new AbortController();
  const state = { seen: [] as string[], isOver: false, stop: () => stop.abort() };
  void (async () => {
    for await (const { type: what, object } of cluster.client.watch(type, { signal: stop.signal })) {
      if (object.metadata.name === 'mine') state.seen.push(what);
    }
    state.isOver = true;
  })().catch(() => {
    state.isOver = true;
  });
  return state;
}

function linesOf(child: ChildProcess): { readonly lines: () => string[]; readonly isOver: () => boolean } {
  let text = '';
  child.stdout!.on('data', (bytes) => {
    text += bytes;
  });
  return {
    lines: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replace(/\s+\d+s$/, '')),
    isOver: () => child.exitCode !== null,
  };
}

test('a made-up kind – on a running cluster – is discovered, used, watched and lost by stock kubectl, and watches of others go on', async (t) => {
  const others = [configMaps, namespaces, nodes].map(follow);
  t.after(() => {
    for (const { stop } of others) stop();
  });
  assert.match(await fails('get', 'widgets'), /the server doesn't have a resource type "widgets"/);

  await cluster.resources.add(servableWidget());
  assert.match(await k('api-versions'), /^example\.com\/v1$/m);
  const listed = await k('api-resources', '--api-group=example.com', '--no-headers');
  assert.match(listed, /^widgets +wd +example\.com\/v1 +true +Widget\s*$/);
  assert.match(await k('api-resources', '--as=jane', '--as-group=system:authenticated'), /^widgets /m);
  assert.match(await fails('get', 'wd', '--as=jane'), /widgets\.example\.com is forbidden/);
  const explained = await k('explain', 'widget.spec');
  assert.match(explained, /GROUP: +example\.com\nKIND: +Widget\nVERSION: +v1/);
  assert.match(explained, /size\s+<string> -required-/);

  const watcher = spawnKubectl(place, ['get', 'widgets', '--watch']);
  t.after(() => watcher.kill());
  const watched = linesOf(watcher);
  assert.equal(await create(manifest('one')), 'widget.example.com/one created\n');
  await eventually('the watch shows it', () => watched.lines().length === 2);
  assert.match(watched.lines().join('\n'), /^NAME +SIZE +AGE\none +small$/);
  const refused = await tryKubectl(place, ['create', '-f', '-'], manifest('two', 'size: huge'));
  assert.match(refused.stderr, /The Widget "two" is invalid: spec\.size: Unsupported value: "huge"/);
  const unknown = await tryKubectl(place, ['create', '-f', '-'], manifest('two', 'size: small, colour: red'));
  assert.match(unknown.stderr, /strict decoding error: unknown field "spec\.colour"/);
  await kubectl(place, ['apply', '-f', '-'], manifest('two', 'size: large'));
  await kubectl(place, ['apply', '-f', '-'], manifest('two', 'size: large, replicas: 2'));
  assert.equal(await k('scale', 'widget/two', '--replicas=5'), 'widget.example.com/two scaled\n');
  assert.equal(await k('get', 'wd', 'two', '-o', 'jsonpath={.spec.replicas} {.metadata.generation}'), '5 3');
  assert.match(
    await k('get', 'wd', '--field-selector=spec.size=large'),
    /^NAME +SIZE +AGE\ntwo +large +\S+\n$/,
  );
  assert.match(await k('get', 'all'), /^widget\.example\.com\/one +small +\S+$/m);
  assert.match(await k('describe', 'widget', 'one'), /^Spec:\n +Replicas: +1\n +Size: +small$/m);

  const note = { name: 'note', type: string };
  await cluster.resources.replace(
    servableWidget([note], {
      printer: {
        columns: [nameColumn, column('Note'), ageColumn],
        cells: (object, nowMs) => [
          object.metadata?.name,
          object.spec?.note ?? '<none>',
          widgetPrinter.cells(object, nowMs).at(-1),
        ],
      },
    }),
  );
  await eventually('the watch of the old one ends', () => watched.isOver());
  assert.match(await k('explain', 'widget.spec.note'), /FIELD: note <string>/);
  await k('patch', 'widget', 'one', '--type=merge', '-p', '{"spec":{"note":"hello"}}');
  assert.match(await k('get', 'widgets'), /^NAME +NOTE +AGE\none +hello +\S+\ntwo +<none> +\S+\n$/);

  await cluster.client.create(configMaps, { metadata: { name: 'mine', namespace: 'default' } });
  await eventually('others see their own changes', () => others[0]!.seen.length > 0);
  const last = spawnKubectl(place, ['get', 'widgets', '--watch-only']);
  t.after(() => last.kill());
  const lastWatch = linesOf(last);
  let changes = 0;
  await eventually('the last watch is there', async () => {
    await k('annotate', 'widget', 'one', '--overwrite', `changes=${changes++}`);
    return lastWatch.lines().length > 0;
  });
  await k('delete', 'widget', 'one');
  await cluster.resources.remove(widgets);
  await eventually('the watch ends with the kind', () => lastWatch.isOver());
  assert.match(await fails('get', 'widgets'), /the server could not find the requested resource/);
  // Which takes what kubectl has cached away.
  assert.doesNotMatch(await k('api-resources'), /example\.com/);
  assert.match(await fails('get', 'widgets'), /the server doesn't have a resource type "widgets"/);
  assert.match(await fails('get', '--raw', '/apis/example.com/v1'), /could not find the requested resource/);
  assert.deepEqual(
    others.map(({ seen, isOver }) => [seen.join(), isOver]),
    [
      ['ADDED', false],
      ['', false],
      ['', false],
    ],
  );
});

test('a made-up kind – with quotas, namespaces and owners – is counted, deleted with its namespace, and collected', async (t) => {
  await cluster.resources.add(servableWidget());
  t.after(() => cluster.resources.remove(widgets));
  await k('create', 'namespace', 'team');
  const inTeam = (args: string[], yaml?: string) => tryKubectl(place, [...args, '-n', 'team'], yaml);
  await inTeam(['create', 'quota', 'q', '--hard=count/widgets.example.com=1']);
  const used = async () =>
    (await inTeam(['get', 'quota', 'q', '-o', 'jsonpath={.status.used.count/widgets\\.example\\.com}']))
      .stdout;
  await eventually('the quota is counted', async () => (await used()) === '0');
  assert.equal((await inTeam(['create', '-f', '-'], manifest('first'))).code, 0);
  const over = await inTeam(['create', '-f', '-'], manifest('second'));
  assert.match(
    over.stderr,
    /exceeded quota: q, requested: count\/widgets\.example\.com=1, used: .*=1, limited: .*=1/,
  );
  const owner = await cluster.client.get(widgets, { name: 'first', namespace: 'team' });
  const { name, uid } = owner.metadata;
  await cluster.client.create(configMaps, {
    metadata: {
      name: 'owned',
      namespace: 'team',
      ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Widget', name, uid }],
    },
  });
  await inTeam(['delete', 'widget', 'first']);
  await eventually('there is room again', async () => (await used()) === '0');
  await eventually(
    'the owned object goes',
    async () => (await inTeam(['get', 'configmap', 'owned'])).code !== 0,
  );
  await inTeam(['delete', 'quota', 'q']);
  assert.equal((await inTeam(['create', '-f', '-'], manifest('last'))).code, 0);
  await k('delete', 'namespace', 'team');
  assert.deepEqual((await cluster.client.list(widgets, { namespace: 'team' })).items, []);
});
