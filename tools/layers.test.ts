/** For each wall a canary: a made-up file that breaks it, which the check must find. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  computingModules,
  entriesMax,
  floors,
  kindEdges,
  layers,
  machineEdges,
  partLists,
  timeEdges,
  wordEdges,
} from './layers.ts';
import { circles } from './walls/circles.ts';
import { tenuredFunctions } from './walls/closures.ts';
import { oddlyWrapped } from './walls/comments.ts';
import { entriesOf, tooMany } from './walls/crowded.ts';
import { againstLayers } from './walls/folders.ts';
import { namesKind } from './walls/kinds.ts';
import { untested } from './walls/listed.ts';
import { aroundEnv, opensMachine } from './walls/machine.ts';
import { againstFloors, unlisted } from './walls/rooms.ts';
import { codeOf, importsOf } from './walls/source.ts';
import { headerless, ownBuilders, vagueTitles } from './walls/tests.ts';
import { houseWords, undressed } from './walls/words.ts';

type Wall = (link: ReturnType<typeof importsOf>[number]) => string | undefined;

function complaints(wall: Wall, file: string, text: string): (string | undefined)[] {
  return importsOf(file, text).map((link) => wall(link));
}

test('an import up the layer list – fails', () => {
  assert.deepEqual(
    complaints(againstLayers, 'src/store/x.ts', "import { start } from '#apiserver/server.ts';"),
    ['store may not import apiserver (#apiserver/server.ts)'],
  );
  assert.deepEqual(
    complaints(againstLayers, 'src/controllers/x.ts', "import type { Store } from '#store/store.ts';"),
    ['controllers may not import store (#store/store.ts)'],
  );
});

test('an import down the list – passes', () => {
  const text = "import type { Store } from '#store/store.ts';";
  assert.deepEqual(complaints(againstLayers, 'src/apiserver/x.ts', text), [undefined]);
});

test('a relative import of another folder, and an import of the own one by its name – fail', () => {
  assert.deepEqual(complaints(againstLayers, 'src/client/x.ts', "import { a } from '../base/env.ts';"), [
    "an import of another folder is written '#folder/file.ts', not ../base/env.ts",
  ]);
  assert.deepEqual(complaints(againstLayers, 'src/client/x.ts', "import { a } from '#client/client.ts';"), [
    'an import within a folder is relative, not #client/client.ts',
  ]);
});

test('a folder that is not in the list – fails', () => {
  assert.deepEqual(complaints(againstLayers, 'src/attic/x.ts', "import { a } from '#base/env.ts';"), [
    'folder attic is not in the layer list',
  ]);
});

const twoFloors = { 'src/a': ['low beside', 'high'] };
const inRooms: Wall = (link) => againstFloors(link, twoFloors);

test('a room – imports a room of a higher floor, its type, a room of its own floor, or a file above the rooms – fails', () => {
  const above = 'which is of a higher floor (floors in tools/layers.ts)';
  assert.deepEqual(complaints(inRooms, 'src/a/low/x.ts', "import { y } from '../high/y.ts';"), [
    `in src/a, low may not import high, ${above}`,
  ]);
  assert.deepEqual(complaints(inRooms, 'src/a/low/x.ts', "import type { Y } from '../high/y.ts';"), [
    `in src/a, low may not import high, ${above}`,
  ]);
  assert.deepEqual(complaints(inRooms, 'src/a/high/x.ts', "import { y } from '../start.ts';"), [
    `in src/a, high may not import start.ts, ${above}`,
  ]);
  assert.deepEqual(complaints(inRooms, 'src/a/low/x.ts', "import { y } from '../beside/y.ts';"), [
    'in src/a, low may not import beside, which is of its own floor (floors in tools/layers.ts)',
  ]);
});

test('a room – imports a lower floor; a file above the rooms – imports each room and its neighbours – pass', () => {
  assert.deepEqual(complaints(inRooms, 'src/a/high/deep/x.ts', "import { y } from '../../low/y.ts';"), [
    undefined,
  ]);
  const text =
    "import { h } from './high/h.ts';\nimport { l } from './low/l.ts';\nimport { o } from './other.ts';";
  assert.deepEqual(complaints(inRooms, 'src/a/start.ts', text), [undefined, undefined, undefined]);
});

test('a room without a floor, a floor of no room – fail', () => {
  assert.deepEqual(unlisted('src/a', ['low', 'beside', 'attic', 'start.ts'], twoFloors), [
    'src/a/attic has no floor',
    'src/a has no high',
  ]);
});

test('two files that import each other, if only by types or over a third – fail', () => {
  const imports = [
    ...importsOf('src/a/x.ts', "import type { Y } from './y.ts';"),
    ...importsOf('src/a/y.ts', "import { z } from './z.ts';"),
    ...importsOf('src/a/z.ts', "import { x } from './x.ts';"),
    ...importsOf('src/a/above.ts', "import { x } from './x.ts';"),
  ];
  assert.deepEqual(circles(imports), [['src/a/x.ts', 'src/a/y.ts', 'src/a/z.ts']]);
  assert.deepEqual(circles(imports.slice(1)), []);
});

test('a pure folder – opens the machine, if only for a type – fails', () => {
  assert.deepEqual(complaints(opensMachine, 'src/api/x.ts', "import { readFileSync } from 'node:fs';"), [
    'api is pure and may not import node:fs',
  ]);
  assert.deepEqual(complaints(opensMachine, 'src/api/x.ts', "import type { Stats } from 'node:fs';"), [
    'api is pure and may not import node:fs',
  ]);
});

test('a module of the machine – outside host and the named edges – fails', () => {
  const text = "import { readFileSync } from 'node:fs';";
  const why = 'node:fs is opened in host, or by an edge named in tools/layers.ts';
  assert.deepEqual(complaints(opensMachine, 'src/kubelet/volumes/x.ts', text), [why]);
  assert.deepEqual(complaints(opensMachine, 'src/store/mvcc/x.ts', text), [why]);
  assert.deepEqual(complaints(opensMachine, 'src/store/sqlite/x.ts', text), [undefined]);
  assert.deepEqual(complaints(opensMachine, 'src/host/files/x.ts', text), [undefined]);
});

test('a module that only computes, a type of another module – pass', () => {
  const text =
    "import { createHash } from 'node:crypto';\nimport { type Server, type Socket } from 'node:net';";
  assert.deepEqual(complaints(opensMachine, 'src/kubelet/x.ts', text), [undefined, undefined]);
});

for (const code of [
  'setTimeout(work, 5)',
  'setInterval(work, 5)',
  'setImmediate(work)',
  'new Promise(setImmediate)',
  'session.setTimeout(5)',
  'process.nextTick(work)',
  'AbortSignal.timeout(5)',
  'Date.now()',
  'new Date()',
  'performance.now()',
  'Math.random()',
  'crypto.randomUUID()',
  'randomBytes(8)',
]) {
  test(`${code} – outside host – fails`, () => {
    const text = `/** A file. */\n\nconst a = ${code};\n`;
    const found = aroundEnv('src/scheduler/x.ts', text);
    assert.deepEqual(
      found.map((finding) => finding.line),
      [3],
    );
    assert.deepEqual(aroundEnv('src/host/x.ts', text), []);
  });
}

test('a date of a given time, a timer that only a comment or a string names – pass', () => {
  const text =
    '// Date.now() jumps\nconst a = new Date(ms);\n/* setTimeout */\nconst b = \'Math.random()\';\nconst c = "*/*";\n';
  assert.deepEqual(aroundEnv('src/scheduler/x.ts', text), []);
});

test('code after a string that looks like the start of a comment – is checked', () => {
  assert.deepEqual(aroundEnv('src/scheduler/x.ts', "accept('*/*');\nDate.now(); // */\n").length, 1);
  assert.equal(codeOf("a('//');\n/* b\n */ c"), 'a();\n\n c');
});

test('a comparison with the name of a resource – outside the files of kinds and the named edges – fails', async (t) => {
  const text = "\nif (served.def.resource === 'namespaces') return;\n";
  const lines = (file: string) => namesKind(file, text).map(({ line }) => line);
  assert.deepEqual(lines('src/apiserver/storage/x.ts'), [2]);
  assert.deepEqual(lines('src/controllers/nodes/x.ts'), [2]);
  for (const file of [
    'src/api/kinds/core/x.ts',
    'src/apiserver/authz/authors/escalation.ts',
    'src/apiserver/x.test.ts',
  ]) {
    await t.test(file, () => {
      assert.deepEqual(lines(file), [], file);
    });
  }
  for (const { path, reason } of kindEdges) assert.ok(reason.length > 10, path);
});

test('a comparison with the type of a resource – in each of its forms – fails; a use of the type does not', () => {
  const imports = "import { nodes, pods } from '#api/generated/kinds.gen.ts';\n";
  const isFound = (code: string) => namesKind('src/apiserver/x.ts', imports + code).length > 0;
  const forms = ['if (isSameResource(type, pods)) return;', 'if (type === nodes) return;', 'case pods:'];
  assert.deepEqual(forms.map(isFound), [true, true, true]);
  const uses = ['reader.get(pods, namespace, name)', 'kind === pods.kind', 'isSameResource(type, def)'];
  assert.deepEqual(uses.map(isFound), [false, false, false]);
});

test('a folder – one entry more than allowed – fails', () => {
  const files = Array.from({ length: entriesMax }, (_, i) => `src/a/${i}.ts`);
  const names = (list: string[]) => entriesOf(list).get('src/a')!;
  assert.equal(tooMany('src/a', names(files)), undefined);
  assert.equal(tooMany('src/a', names([...files, 'src/a/room/x.ts', 'src/a/room/y.ts'])), crowded(25));
  assert.equal(tooMany('src/a', names([...files, 'src/a/x.test.ts'])), crowded(25));
});

function crowded(count: number): string {
  return `src/a has ${count} entries, more than ${entriesMax}: make rooms of it`;
}

test('imports written over several lines, dynamic and re-exported ones – are seen', () => {
  const text =
    "import {\n  a,\n  b,\n} from '#cluster/a.ts';\nexport { c } from '#cluster/b.ts';\nawait import('#cluster/c.ts');";
  assert.deepEqual(
    importsOf('src/base/x.ts', text).map((link) => [link.line, link.target]),
    [
      [4, '#cluster/a.ts'],
      [5, '#cluster/b.ts'],
      [6, '#cluster/c.ts'],
    ],
  );
});

test('each edge – has its reason; no module is both computing and of the machine; every folder with floors is a layer', () => {
  for (const { path, reason } of [...machineEdges, ...timeEdges]) assert.ok(reason.length > 10, path);
  for (const { path, allows } of machineEdges) {
    assert.deepEqual(
      allows.filter((name) => computingModules.includes(name)),
      [],
      path,
    );
  }
  for (const folder of Object.keys(floors)) assert.ok(layers[folder.split('/')[1]!], folder);
});

for (const [what, text] of [
  ['a comment', '\n/** A caller is told. */'],
  ['the begin of a sentence', '\n/** Whoever asks. */'],
  ['a string', "\nthrow new Error('at most 32 signs');"],
  ['a name', '\nconst tableWish = read();'],
  ['the begin of a name', '\nwishFromQuery(query);'],
  ['a variable called one', '\nfor (const one of pods) use(one);'],
  ['a parameter called one', '\npods.map((one) => one.name);'],
  ['a parameter called of', '\nfunction name(of: Pod): string {}'],
  ['a constant called of', '\nconst of = pods.map(name);'],
  ['a phrase without a noun', '\n/** Ends, and starts another one. */'],
] as const) {
  test(`a house word – in ${what} – fails`, () => {
    const found = houseWords('src/scheduler/x.ts', text);
    assert.ok(found.length > 0);
    for (const { line } of found) assert.equal(line, 2);
  });
}

test('words that contain a house word, the number one, edges – pass', () => {
  const text = "/** One of the designs that were withheld. */\nconst designs = [one.two, 'one', stones];\n";
  assert.deepEqual(houseWords('src/scheduler/x.ts', text), []);
  const edge = { path: 'src/scheduler', allows: ['signs'], reason: 'an authority signs certificates' };
  assert.deepEqual(houseWords('src/scheduler/x.ts', '// It signs.', [edge]), []);
  for (const { path, reason } of wordEdges) assert.ok(reason.length > 10, path);
});

test('a field that is private to the compiler only – fails; a private constructor passes', () => {
  const lines = (text: string) => undressed('src/a/x.ts', text).map(({ line }) => line);
  assert.deepEqual(lines('class A {\n  private readonly b = 1;\n}\n'), [2]);
  assert.deepEqual(lines('class A {\n  private constructor() {}\n  readonly #b = 1;\n}\n'), []);
});

test('a body on another line – without braces – fails', () => {
  const lines = (text: string) => undressed('src/a/x.ts', text).map(({ line }) => line);
  assert.deepEqual(lines('if (a)\n  b();\n'), [1]);
  assert.deepEqual(lines('for (const a of list)\n  b(a);\n'), [1]);
  assert.deepEqual(lines('  if (\n    a &&\n    b\n  )\n    c();\n'), [1]);
  assert.deepEqual(lines('if (a) b();\nelse c();\nif (\n  a\n) {\n  b();\n}\nfor (;;) {\n}\n'), []);
});

test('a file without a first sentence – fails, but for the test of the file beside it', () => {
  const files = new Set(['src/a/x.ts', 'src/a/x.test.ts', 'src/a/y.test.ts']);
  const lines = (file: string, text: string) => headerless(file, text, files).map(({ line }) => line);
  assert.deepEqual(lines('src/a/x.ts', 'export const x = 1;'), [1]);
  assert.deepEqual(lines('src/a/y.test.ts', "import 'z';"), [1]);
  assert.deepEqual(lines('src/a/x.test.ts', "import 'z';"), []);
  assert.deepEqual(lines('src/a/x.ts', '/** Says x. */'), []);
});

test('a test title without a condition or a result – fails', () => {
  const lines = (title: string) =>
    vagueTitles('src/a/x.test.ts', `run();\n${'test'}('${title}', run);`).map(({ line }) => line);
  assert.deepEqual(lines('patches of all types'), [2]);
  assert.deepEqual(lines('a patch – of any type – is applied'), []);
  const row = `  ${'test'}(\`${'$'}{verb}\`, run);\n`;
  const rowIn = (opening: string) => vagueTitles('src/a/x.test.ts', `${opening}\n${row}`).length;
  assert.deepEqual(
    ["describe('a patch – of a type – is applied', () => {", "describe('patches', () => {"].map(rowIn),
    [0, 1],
  );
  assert.equal(rowIn('for (const verb of verbs) {'), 1);
});

test('a test – builds a pod from a literal of its own – fails; with a shared builder, or read, passes', () => {
  const lines = (...text: string[]) =>
    ownBuilders('src/a/x.test.ts', text.join('\n')).map(({ line }) => line);
  assert.deepEqual(lines('', 'const pod = (name: string) => ({', '  metadata: { name },', '});'), [2]);
  assert.deepEqual(lines('  function node() {', '    return { metadata: { name: "n" } };', '  }'), [1]);
  assert.deepEqual(lines("const pod = () => newPod('p');", 'const at = { metadata: { a } };'), []);
  assert.deepEqual(lines("const pod = () => storedPod('p', {", '  metadata: { labels },', '});'), []);
  assert.deepEqual(lines('const pod = (await create({ metadata: { name } })) as Pod;'), []);
});

test('a comment that wraps far from the width of code – fails, tables and new sentences do not', () => {
  const lines = (...comment: string[]) =>
    oddlyWrapped('src/a/x.ts', comment.map((text) => ` * ${text}`).join('\n')).map(({ line }) => line);
  const words = (count: number) => 'word '.repeat(count).trim();
  assert.deepEqual(lines(words(20), words(4)), []);
  assert.deepEqual(lines(words(10), words(4)), [1]);
  assert.deepEqual(lines(words(26)), [1]);
  assert.deepEqual(lines(`${words(5)}.`, 'Reads: Pod.'), []);
  assert.deepEqual(lines(`| ${words(30)} |`), []);
});

test('a listed part without a test file of its own – fails; one with a test, a type and another file pass', () => {
  const known = new Set(['src/controllers/jobs/job.test.ts']);
  const complaintsOf = (file: string, text: string) =>
    importsOf(file, text).map((link) => untested(link, known, ['src/controllers/list.ts']));
  const text = ["import { job } from './jobs/job.ts';", "import { pod } from './pods/pod.ts';"].join('\n');
  assert.deepEqual(complaintsOf('src/controllers/list.ts', text), [
    undefined,
    'src/controllers/pods/pod.ts has no test of its own: src/controllers/pods/pod.test.ts',
  ]);
  assert.deepEqual(complaintsOf('src/controllers/other.ts', text), [undefined, undefined]);
  const type = "import type { Pod } from './pods/pod.ts';\nimport { a } from '#client/a.ts';";
  assert.deepEqual(complaintsOf('src/controllers/list.ts', type), [undefined, undefined]);
});

test('the lists of parts that the wall names – exist', () => {
  const missing = partLists.filter((file) => !existsSync(join(import.meta.dirname, '..', file)));
  assert.deepEqual(missing, []);
});

test('a function written into a property – where every request passes – fails', () => {
  const find = (file: string, text: string) => tenuredFunctions(file, text).map(({ line }) => line);
  const file = 'src/apiserver/chain/x.ts';
  const text = `
    request.onDone = () => end(request);
    this.#late = async (error) => end(error);
    socket.destroy = function () {};
    const late = () => end(request);
    request.onDone = late;
    const write: Socket['write'] = (chunk) => send(chunk);`;
  assert.deepEqual(find(file, text), [2, 3, 4]);
  assert.deepEqual(find('src/controllers/x.ts', text), []);
});
