import { longestPerson } from '../../../domain/accounts/people.ts';
import { newMemberBody } from '../../manage/bodies.ts';
import { addedMember, memberList, removedMember } from '../answers/managing.ts';
import { json, type Operations } from '../operation.ts';
import { describedBody } from '../schemas.ts';

const member = {
  person: 'eve@example.com',
  role: 'analyst',
  added_at: '2026-11-30T10:44:00.000Z',
  added_by: 'person ada@example.com',
} as const;
const uncached = { headers: ['cache-control'] } as const;

export const memberOperations: Operations<
  'GET /v1/members' | 'POST /v1/members' | 'DELETE /v1/members/{person}'
> = {
  'GET /v1/members': {
    tag: 'members',
    id: 'listMembers',
    summary: 'The people of the account',
    description: 'All members, by name, and who added them.',
    path: {},
    query: {},
    answers: {
      200: {
        description: 'The members.',
        json: json(memberList, { account_id: 'demo', members: [member] }),
        ...uncached,
      },
    },
    problems: ['invalid_parameter'],
  },
  'POST /v1/members': {
    tag: 'members',
    id: 'setMember',
    summary: 'Add a member, or give another role',
    description: 'A member has the account in all its environments. The same can be sent again.',
    path: {},
    query: {},
    body: {
      description: 'Who, and with which role.',
      required: true,
      content: {
        'application/json': {
          schema: describedBody(newMemberBody, {
            person: {
              description: 'As tokens name the person: an address in lower case, or a subject.',
              example: member.person,
              schema: { minLength: 1, maxLength: longestPerson },
            },
            role: { description: 'What the person may do.', example: member.role },
          }),
          example: { person: member.person, role: member.role },
        },
      },
    },
    answers: {
      200: {
        description: 'The person was a member already.',
        json: json(addedMember, { account_id: 'demo', member, outcome: 'changed' }),
        ...uncached,
      },
      201: {
        description: 'The person is a member.',
        json: json(addedMember, { account_id: 'demo', member, outcome: 'added' }),
        ...uncached,
      },
    },
    problems: [
      'invalid_parameter',
      'invalid_json',
      'unsupported_media_type',
      'last_owner',
      'too_many_members',
    ],
  },
  'DELETE /v1/members/{person}': {
    tag: 'members',
    id: 'removeMember',
    summary: 'Remove a member',
    description: 'After 30 seconds at the latest, the person is refused.',
    path: {
      person: {
        description: 'The name of the member, encoded once.',
        schema: { type: 'string' },
        example: member.person,
      },
    },
    query: {},
    answers: {
      200: {
        description: 'The person is a member no longer.',
        json: json(removedMember, { account_id: 'demo', person: member.person, outcome: 'removed' }),
        ...uncached,
      },
    },
    problems: ['invalid_parameter', 'unknown_member', 'last_owner'],
  },
};
