/** `kybern image`: what it refuses before it asks containerd. The rest runs in `test/e2e/cli/commands.test.ts`. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pauseImage } from '#host/containerd/containerd.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { image } from './image.ts';

interface Row {
  readonly title: string;
  readonly words: string;
  readonly failure: string;
  /** Default: a real node whose containerd runs. */
  readonly node?: 'stopped' | 'none';
}

// biome-ignore format: a table
const rows: readonly Row[] = [
  { title: 'a file that is not there', words: 'import /nowhere.tar', failure: 'there is no file /nowhere.tar (give a tar archive of images, as docker save or podman save write it; --tag names an image without a name)' },
  { title: 'an archive under what is no name', words: 'import /nowhere.tar -t W!', failure: '"W!" is no name of an image: invalid reference format: repository name (library/W!) must be lowercase (for example: web:1)' },
  { title: 'a folder without a Dockerfile', words: 'build /nowhere -t web:1', failure: 'there is no file /nowhere/Dockerfile (name a folder that has a Dockerfile)' },
  { title: 'a tag that is no name', words: 'build /nowhere -t W!', failure: '"W!" is no name of an image: invalid reference format: repository name (library/W!) must be lowercase (for example: web:1)' },
  { title: 'a build without a tag', words: 'build /nowhere', failure: "error: required option '-t, --tag <ref>' not specified" },
  { title: 'an argument without a value', words: 'build /nowhere -t web:1 --build-arg A', failure: '--build-arg A is neither NAME=VALUE nor a variable of the environment (try: --build-arg VERSION=1.2)' },
  { title: 'a pull of what is no name', words: 'pull W!', failure: '"W!" is no name of an image: invalid reference format: repository name (library/W!) must be lowercase (for example: web:1)' },
  { title: 'an image that is no name', words: 'rm W!', failure: '"W!" is no name of an image: invalid reference format: repository name (library/W!) must be lowercase (for example: web:1)' },
  { title: 'the image of every pod', words: `rm ${pauseImage}`, failure: `every pod of the node needs ${pauseImage} (it is removed with the cluster: kybern delete)` },
  { title: 'a stopped node', words: 'ls', node: 'stopped', failure: 'the node of cluster one is not running (start it: kybern up --name one)' },
  { title: 'a cluster without a real node', words: 'ls', node: 'none', failure: 'cluster one has no real node (only a node with containerd keeps images)' },
];

for (const { title, words, failure, node } of rows) {
  test(`image ${words.split(' ')[0]} – ${title} – fails, and says what to do`, async (t) => {
    ownHome(t);
    keepCluster('one', { realNodes: node === 'none' ? 0 : 1 });
    if (!node) placeSocket(t);
    const [action, ...rest] = words.split(' ');
    const outcome = await runCommand(image, ['image', action, '--name one', ...rest].join(' '));
    assert.deepEqual(outcome, { printed: [], warned: [], failure });
  });
}

/** A file in the place of containerd's socket: none of the rows gets as far as connecting. */
function placeSocket(t: TestContext): void {
  const { run } = clusterPaths('one');
  t.after(() => rmSync(run, { recursive: true }));
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'containerd.sock'), '');
}
