import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerdConfig } from './config.ts';

const settings = {
  rootDir: '/data/a "b"',
  stateDir: '/run/s',
  socket: '/run/c.sock',
  pauseImage: 'pause:1',
  cniBinDir: '/bin/cni',
  cniConfDir: '/etc/cni',
  registryDir: '/data/registries',
  restrictOomScore: true,
  appArmor: false,
};

test('the configuration of containerd – with its own folders – names no other', () => {
  const text = containerdConfig(settings);
  for (const line of [
    'root = "/data/a \\"b\\""',
    'state = "/run/s"',
    '  address = "/run/c.sock"',
    '  config_path = "/data/registries"',
    '  restrict_oom_score_adj = true',
    '  disable_apparmor = true',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
  assert.doesNotMatch(text, /\/var\/lib|\/run\/containerd|\/etc\/containerd/);
});
