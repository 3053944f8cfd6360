/** Images made from the distribution's programs, so that manifests run without any registry. */

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { kybern, type TestCluster } from './cluster.ts';

/** What `/etc/passwd` needs for programs that drop privileges by name. */
const passwd =
  'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nwww-data:x:33:33::/:/bin/false\n';

/** Builds an image from the folder that `fill` filled and loads it into the cluster's node. */
export async function addImage(
  cluster: TestCluster,
  ref: string,
  dockerfile: string,
  fill: (dir: string) => void,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-image-'));
  try {
    mkdirSync(join(dir, 'root'));
    fill(join(dir, 'root'));
    writeFileSync(join(dir, 'Dockerfile'), dockerfile);
    await kybern(cluster, ['image', 'build', dir, '-t', ref, '--name', cluster.name]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Debian's static busybox with its applets; runs `command`, by default a long sleep. */
export function addBusybox(
  cluster: TestCluster,
  ref: string,
  command = '["/bin/sleep", "1000000"]',
): Promise<void> {
  return addImage(cluster, ref, `FROM scratch\nCOPY root /\nENV PATH=/bin\nCMD ${command}\n`, fillBusybox);
}

/** Debian's nginx serving `page` at /, in the foreground, logging to the container's output. */
export function addNginx(cluster: TestCluster, ref: string, page: string): Promise<void> {
  const dockerfile =
    'FROM scratch\nCOPY root /\nENV PATH=/usr/sbin:/bin\nEXPOSE 80\nSTOPSIGNAL SIGQUIT\nCMD ["/usr/sbin/nginx", "-g", "daemon off;"]\n';
  return addImage(cluster, ref, dockerfile, (root) => {
    fillBusybox(root);
    copyProgram(root, '/usr/sbin/nginx');
    for (const dir of ['etc/nginx', 'var/log/nginx', 'var/lib/nginx', 'run', 'srv', 'usr/share/nginx']) {
      mkdirSync(join(root, dir), { recursive: true });
    }
    writeFileSync(join(root, 'srv/index.html'), page);
    writeFileSync(join(root, 'etc/nginx/nginx.conf'), nginxConfig);
  });
}

const nginxConfig = `
user root;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 256; }
http {
  access_log /dev/stdout;
  server { listen 80; root /srv; }
}
`;

function fillBusybox(root: string): void {
  for (const dir of ['bin', 'etc', 'tmp', 'root', 'proc', 'sys', 'dev']) {
    mkdirSync(join(root, dir), { recursive: true });
  }
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), passwd);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n');
}

/** The program with every library it loads. */
export function copyProgram(root: string, program: string): void {
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = [...libraries.matchAll(/(\/\S+\.so\S*)/g)].map((match) => match[1] ?? '');
  for (const path of [program, ...paths]) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(realpathSync(path), target);
  }
}
