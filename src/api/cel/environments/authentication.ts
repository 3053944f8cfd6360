/** The environments of structured authentication: `claims` of a token, and the `user` that they are mapped to. */

import type { Environment } from '../declarations/environment.ts';
import { anyType, mapType, stringType } from '../types/type.ts';
import { baseEnvironment } from './base.ts';
import { userInfoType } from './object-type.ts';

export const claimsEnvironment = (): Environment =>
  baseEnvironment().with({ claims: mapType(stringType, anyType) });

export const userEnvironment = (): Environment =>
  baseEnvironment().with({ user: userInfoType }, [userInfoType]);
