/**
 * Records every request that the audit policy selects, at the stages that upstream has: when it was received,
 * when the answer of a long-running one begins, and when the answer is complete. Without a policy the stage is
 * empty.
 */

import { internalError } from '#api/meta/status.ts';
import { errorText } from '#base/text/error-text.ts';
import { isStream } from '#client/transport/body.ts';
import type { AuditedArrival, AuditedRequest } from '../../audit/audited-request.ts';
import type { Auditing } from '../../audit/auditing.ts';
import { isLongRunning } from '../../flowcontrol/long-running.ts';
import type { Exchange } from '../../request/exchange.ts';
import { watchedStream } from '../answer/watched-stream.ts';
import type { Answer, Entered, Stage } from '../stage.ts';
import { answeredStatus, answerText } from './audited-answer.ts';
import { attributesOf } from './authorization.ts';
import { sourceAddresses } from './source-addresses.ts';

export function audit(auditing: Auditing | undefined): Stage {
  if (!auditing) return { name: 'audit' };
  return {
    name: 'audit',
    enter: (exchange) => receive(auditing, exchange),
    leave: (exchange, answer) => (exchange.isAudited ? answered : refusedBefore)(auditing, exchange, answer),
  };
}

function receive(auditing: Auditing, exchange: Exchange): Entered {
  exchange.isAudited = true;
  exchange.audit = auditing.begin(attributesOf(exchange), () => ({
    ...arrivalOf(auditing, exchange),
    user: exchange.user,
  }));
  const isRecorded = exchange.audit?.recordStage('RequestReceived') ?? true;
  if (isRecorded instanceof Promise) return isRecorded.then((known) => orFail(auditing, known));
  return orFail(auditing, isRecorded);
}

function orFail(auditing: Auditing, isRecorded: boolean): undefined {
  if (isRecorded) return;
  auditing.rejected();
  throw internalError('failed to store audit event');
}

function arrivalOf(auditing: Auditing, exchange: Exchange): Omit<AuditedArrival, 'user'> {
  const { request, info, auditId, startedMs, parts } = exchange;
  const authenticationMs = parts.env.clock.monotonicMs() - startedMs;
  return {
    auditId,
    receivedMs: auditing.now() - authenticationMs,
    authenticationMs,
    requestURI: request.path,
    sourceIPs: sourceAddresses(exchange),
    userAgent: cutAgent(request.headers['user-agent'] ?? ''),
    info,
  };
}

const agentLengthMax = 1024;

function cutAgent(agent: string): string {
  return agent.length > agentLengthMax ? `${agent.slice(0, agentLengthMax)}...TRUNCATED` : agent;
}

/** Before this stage: the one event has no user. */
function refusedBefore(auditing: Auditing, exchange: Exchange, answer: Answer): void {
  if (exchange.info.verb === '' || exchange.info.problem) return;
  const { user: _, ...attributes } = attributesOf(exchange);
  const audited = auditing.begin(attributes, () => ({ ...arrivalOf(auditing, exchange), user: undefined }));
  if (!audited) return;
  audited.recordStatus(answer.status, answeredStatus(exchange, answer));
  audited.recordStage('ResponseStarted');
}

function answered(_: Auditing, exchange: Exchange, answer: Answer): void {
  const { audit, info, connection, panic } = exchange;
  if (!audit) return;
  if (panic !== undefined) return void audit.recordPanic(panic);
  const { body, status } = answer;
  audit.recordStatus(status, answeredStatus(exchange, answer));
  if (isLongRunning(info)) audit.recordStage('ResponseStarted');
  if (connection?.isTakenOver) {
    connection.socket.once('close', () => audit.recordStage('ResponseComplete'));
  } else if (isStream(body)) {
    answer.body = followed(exchange, audit, answer, body);
  } else {
    if (audit.recordsResponse) recordAnswer(exchange, audit, answer, [body].flat());
    audit.recordStage('ResponseComplete');
  }
}

/** The chunks of a large list are kept where the response is recorded; a watch has no response object. */
function followed(
  exchange: Exchange,
  audit: AuditedRequest,
  answer: Answer,
  body: Parameters<typeof watchedStream>[0],
) {
  const keeps = audit.recordsResponse && !exchange.isForwarded && !isLongRunning(exchange.info);
  const chunks: Uint8Array[] = [];
  return watchedStream(body, () => ({
    ...(keeps ? { sent: (chunk: Uint8Array) => void chunks.push(Uint8Array.from(chunk)) } : {}),
    over: () => {
      if (keeps) recordAnswer(exchange, audit, answer, chunks);
      audit.recordStage('ResponseComplete');
    },
  }));
}

function recordAnswer(
  exchange: Exchange,
  audit: AuditedRequest,
  answer: Answer,
  body: readonly Uint8Array[],
): void {
  try {
    const text = answerText(exchange, answer, body);
    if (text !== undefined) audit.recordResponseObject(text);
  } catch (error) {
    exchange.parts.env.log.error('a response could not be audited', { error: errorText(error) });
  }
}
