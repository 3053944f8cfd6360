/**
 * `npm run compare -- --peer https://127.0.0.1:6443 --token T [--requests 10000] [--seed 1] [--kinds Pod,Job]`: the same
 * writes, valid and not, to an API server in this process and to a kube-apiserver; prints where their answers differ. That
 * has to be a fresh one of v1.36 without the admission plugin ServiceAccount, and without controllers. Its maps have no
 * order: of several problems with the keys of one, it reports any.
 */

import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { otherServer, ownServer } from './servers.ts';

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    token: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '10000' },
    kinds: { type: 'string', default: '' },
    only: { type: 'string' },
  },
});
if (values.peer === undefined) throw new Error('usage: npm run compare -- --peer URL --token TOKEN');

const own = await ownServer();
const other = otherServer(values.peer, values.token);
const only = values.only === undefined ? undefined : Number(values.only);
const kinds = values.kinds === '' ? [] : values.kinds.split(',');
const report = await compare({
  own,
  other,
  seed: Number(values.seed),
  count: Number(values.requests),
  kinds,
  only,
});

for (const { number, asked, differences } of report.found) {
  console.log(`\n--seed ${values.seed} --only ${number}\n  ${asked}\n  ${differences.join('\n  ')}`);
}
const byKind = [...report.byKind].map(([kind, count]) => `${kind}: ${count}`).join(', ');
console.log(
  `\n${report.compared} answers compared, ${report.found.length} differ${byKind ? ` (${byKind})` : ''}`,
);
await own.stop();
process.exit(report.found.length > 0 ? 1 : 0);
