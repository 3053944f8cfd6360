/** The answer to a write when the store, or the memory of this process, is full. */

import { failure, type StatusError, serviceUnavailable } from '#api/meta/status.ts';
import { StoreClosedError, StoreFullError } from '#store/errors.ts';

export function storeFailure(error: unknown): unknown {
  if (error instanceof StoreFullError) return full();
  if (error instanceof StoreClosedError) return serviceUnavailable('the server is shutting down');
  return error;
}

function full(): StatusError {
  return insufficient('the store is full: free disk space and try again; nothing was written');
}

/** Existing objects can still be changed and deleted. */
export function memoryShort(): StatusError {
  return insufficient(
    'the server is short of memory: delete what is not needed and try again; nothing was created',
  );
}

function insufficient(message: string): StatusError {
  return failure(507, 'InsufficientStorage', message);
}
