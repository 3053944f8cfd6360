import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from './dockerfile.ts';

test('files and settings are read, comments and continued lines too', () => {
  const recipe = parseDockerfile(
    'FROM scratch\n# why\nCOPY root /\nENV A=1 B="two words"\nENV C three\nEXPOSE 80 53/udp\nCMD ["/bin/x", \\\n "-f"]\nUSER 7\nSTOPSIGNAL SIGQUIT\n',
  );
  assert.deepEqual(recipe, {
    copies: [{ sources: ['root'], target: '/' }],
    config: {
      Env: ['A=1', 'B=two words', 'C=three'],
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      Cmd: ['/bin/x', '-f'],
      User: '7',
      StopSignal: 'SIGQUIT',
    },
  });
});

test('what would need a registry or a running container is refused by line', () => {
  assert.throws(() => parseDockerfile('FROM debian'), /only FROM scratch/);
  assert.throws(() => parseDockerfile('FROM scratch\nRUN true'), /line 2: "RUN true" cannot be built here/);
});
