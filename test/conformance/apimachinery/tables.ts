/** Answers as tables: what holds no metadata cannot be one. */

import assert from 'node:assert/strict';
import { type Behaviour, behaviour } from '../behaviour.ts';
import { request } from '../shared/requests.ts';

export const tableConversion: readonly Behaviour[] = [
  behaviour(
    '[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]',
    async (context) => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
      };
      const headers = {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
        'content-type': 'application/json',
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const { status, text } = await request(context, 'POST', path, headers, review);
      assert.equal(status, 406, text);
      assert.equal(JSON.parse(text).reason, 'NotAcceptable');
    },
  ),
];
