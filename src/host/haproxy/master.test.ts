import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMaster } from './master.ts';

const head = '#<PID>          <type>          <reloads>       <uptime>        <version>      \n';
const show = (reloads: number, failed: number, worker: number) =>
  `${head}15389           master          ${reloads} [failed: ${failed}]   0d00h00m07s     2.6.12-1+deb12u4\n` +
  `# workers\n15630           worker          ${worker}               0d00h00m04s     2.6.12-1+deb12u4\n# programs\n\n`;

const rows: [string, string, ReturnType<typeof readMaster>][] = [
  [
    'the second load – succeeded',
    show(2, 0, 0),
    { reloads: 2, failures: 0, hasNewWorker: true, oldWorkers: [] },
  ],
  [
    'the fourth load – two failed',
    show(4, 2, 2),
    { reloads: 4, failures: 2, hasNewWorker: false, oldWorkers: [] },
  ],
  [
    'nothing – while the master starts itself again',
    '',
    { reloads: 0, failures: 0, hasNewWorker: false, oldWorkers: [] },
  ],
];

test('state of the master – workers of earlier configurations – are listed', () => {
  const old =
    '# old workers\n22117           worker          4               0d00h00m05s     2.6.12-1+deb12u4\n';
  assert.deepEqual(readMaster(show(10, 0, 0).replace('# programs', `${old}# programs`)).oldWorkers, [22117]);
});

for (const [name, answer, state] of rows) {
  test(`state of the master – ${name}`, () => assert.deepEqual(readMaster(answer), state));
}
