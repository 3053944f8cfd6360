import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSwitchedOn, readRuntimeConfig } from './runtime-config.ts';

const jobs = { group: 'batch', version: 'v1', resource: 'jobs' };
const cronJobs = { group: 'batch', version: 'v1', resource: 'cronjobs' };
const pods = { group: '', version: 'v1', resource: 'pods' };
const all = [jobs, cronJobs, pods];

// biome-ignore format: a table
for (const { config, on } of [
  { config: {}, on: [jobs, cronJobs, pods] },
  { config: { 'batch/v1': false }, on: [pods] },
  { config: { 'batch/v1': false, 'batch/v1/jobs': true }, on: [jobs, pods] },
  { config: { 'batch/v1/cronjobs': 'false' }, on: [jobs, pods] },
  { config: { 'api/all': false, v1: true }, on: [pods] },
  { config: { 'api/all': false, 'api/ga': true }, on: all },
  { config: { 'api/ga': false, 'batch/v1/jobs': null }, on: [jobs] },
  { config: { 'api/beta': false, 'api/alpha': true, 'batch/v1beta1': false }, on: all },
]) {
  test(`the runtimeConfig ${JSON.stringify(config)} – asked for each resource – switches the others off`, () => {
    const read = readRuntimeConfig(config, all);
    assert.deepEqual(all.filter((resource) => isSwitchedOn(read, resource)), on);
  });
}
