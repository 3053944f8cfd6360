/** The images of the examples' programs, as their Dockerfiles have them, but without a registry. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repository, type TestCluster } from './cluster.ts';
import { addImage, copyProgram } from './images.ts';

export interface ExampleImage {
  /** `boards-dra:1`. */
  readonly ref: string;
  /** The folder of the program in the image: `driver`. */
  readonly folder: string;
  /** Programs of the machine that it starts, from its PATH. */
  readonly programs?: readonly string[];
}

/** Node with its libraries, and `main.ts` of `examples/NAME` as one file. */
export async function addExample(
  cluster: TestCluster,
  name: string,
  { ref, folder, programs = [] }: ExampleImage,
): Promise<void> {
  const bundle = join(cluster.home, `${folder}.mjs`);
  await build({
    entryPoints: [join(repository, 'examples', name, 'main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const start = `ENTRYPOINT ["${process.execPath}", "/${folder}/main.mjs"]`;
  const dockerfile = `FROM scratch\nCOPY root /\nENV PATH=/usr/bin:/bin\n${start}\n`;
  await addImage(cluster, ref, dockerfile, (root) => {
    for (const program of [process.execPath, ...programs]) copyProgram(root, program);
    mkdirSync(join(root, folder));
    copyFileSync(bundle, join(root, folder, 'main.mjs'));
  });
}
