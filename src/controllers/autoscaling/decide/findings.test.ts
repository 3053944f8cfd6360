import assert from 'node:assert/strict';
import test from 'node:test';
import { Findings } from './findings.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const now = '2026-01-01T00:00:00Z';
const before = '2025-01-01T00:00:00Z';
const old = { type: 'AbleToScale', status: 'True', reason: 'R', message: 'm', lastTransitionTime: before };

test('a condition – new – has the time of now', () => {
  const findings = new Findings(undefined, nowMs);
  findings.set('ScalingActive', 'False', 'R', 'm');
  const condition = { type: 'ScalingActive', status: 'False', reason: 'R', message: 'm' };
  assert.deepEqual(findings.conditions, [{ ...condition, lastTransitionTime: now }]);
});

test('a condition – the same status for another reason – keeps its place and its time', () => {
  const other = { ...old, type: 'ScalingActive' };
  const findings = new Findings([old, other], nowMs);
  findings.set('AbleToScale', 'True', 'S', 'n');
  assert.deepEqual(findings.conditions, [{ ...old, reason: 'S', message: 'n' }, other]);
});

test('a condition – another status – changes its time; one that is tried out changes nothing', () => {
  const findings = new Findings([old], nowMs);
  const condition = { type: 'AbleToScale', status: 'False', reason: 'S', message: 'n' };
  assert.deepEqual(findings.with(condition), [{ ...condition, lastTransitionTime: now }]);
  assert.deepEqual(findings.conditions, [old]);
});

test('a condition – removed – is gone; warnings are events in order', () => {
  const findings = new Findings([old], nowMs);
  findings.remove('AbleToScale');
  findings.warn('A', 'a');
  findings.warn('B', 'b');
  assert.deepEqual(findings.conditions, []);
  assert.deepEqual(
    findings.events.map(({ type, reason, message }) => [type, reason, message]),
    [
      ['Warning', 'A', 'a'],
      ['Warning', 'B', 'b'],
    ],
  );
});
