/** A failed gRPC call: its code by the name that Go prints, and the server's description. */

import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';

const codeNames: Record<number, string> = {
  [grpcStatus.CANCELLED]: 'Canceled',
  [grpcStatus.UNKNOWN]: 'Unknown',
  [grpcStatus.INVALID_ARGUMENT]: 'InvalidArgument',
  [grpcStatus.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [grpcStatus.NOT_FOUND]: 'NotFound',
  [grpcStatus.ALREADY_EXISTS]: 'AlreadyExists',
  [grpcStatus.PERMISSION_DENIED]: 'PermissionDenied',
  [grpcStatus.UNAUTHENTICATED]: 'Unauthenticated',
  [grpcStatus.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [grpcStatus.FAILED_PRECONDITION]: 'FailedPrecondition',
  [grpcStatus.ABORTED]: 'Aborted',
  [grpcStatus.OUT_OF_RANGE]: 'OutOfRange',
  [grpcStatus.UNIMPLEMENTED]: 'Unimplemented',
  [grpcStatus.INTERNAL]: 'Internal',
  [grpcStatus.UNAVAILABLE]: 'Unavailable',
  [grpcStatus.DATA_LOSS]: 'DataLoss',
};

/** Its message is what Go prints of such an error, which upstream's events carry. */
export class RpcError extends Error {
  override name = 'RpcError';
  /** `DeadlineExceeded`. */
  readonly code: string;
  readonly details: string;

  constructor(code: string, details: string) {
    super(`rpc error: code = ${code} desc = ${details}`);
    this.code = code;
    this.details = details;
  }
}

export function asRpcError(error: ServiceError): RpcError {
  const code = codeNames[error.code] ?? 'Unknown';
  // In Go's words, without the times that grpc-js adds.
  if (error.code === grpcStatus.CANCELLED) return new RpcError(code, 'context canceled');
  if (error.code === grpcStatus.DEADLINE_EXCEEDED && error.details.startsWith('Deadline exceeded')) {
    return new RpcError(code, 'context deadline exceeded');
  }
  return new RpcError(code, error.details || error.message);
}
