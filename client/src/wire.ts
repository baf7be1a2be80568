// What goes over the wire. Printed from the schemas that validate it: "npx vitest run test/unit/guide -u".

/** An event. A member that is not named here is an error. */
export type Event = {
  /** The id of the event: it counts once, however often it is sent. Absent: the server makes one. Such as `"order-4711"`. */
  readonly event_id?: string;
  /** Not needed. If present, the account of the key. Such as `"demo"`. */
  readonly account_id?: string;
  /** What happened, in printable characters. Not `(other)` or `(none)`. Such as `"Order Completed"`. */
  readonly type: string;
  /** The user whom it concerns. Such as `"ada"`. */
  readonly user_id?: string;
  /** The service where it happened. Not `(other)` or `(none)`. Such as `"shop"`. */
  readonly service?: string;
  /** When it happened: RFC 3339 with an offset, or integer epoch milliseconds, from 30 days back to 10 minutes ahead. Absent: the time of receipt. Such as `1795273728000`. */
  readonly timestamp?: string | number;
  /** What the clock of the client shows when it sends the event. If that is more than 10 seconds wrong, `timestamp` is corrected by the difference. It is not stored. Such as `1795273729000`. */
  readonly sent_at?: string | number;
  /** A number to sum, such as a price. It must be a number below 10^12 in size, with at most 6 decimals and 15 digits in all. Such as `12.5`. */
  readonly value?: number;
  /** Your own data: at most 32 KiB of JSON and 8 levels. Such as `{"plan":"pro"}`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** Every accepted event is durable. */
export type AcceptedBatch = {
  /** the id of the batch. */
  readonly batch_id: string;
  /** how many events were accepted. */
  readonly accepted: number;
  /** the others. They are not stored. */
  readonly rejected: readonly RejectedEvent[];
  /** the ids that the server made. Absent if it made none. */
  readonly assigned?: readonly {
    /** the position of the event in the request, from 0. */
    readonly index: number;
    readonly event_id: string;
  }[];
  /** the path of the receipt. Absent for a public key. */
  readonly receipt?: string;
};

/** An event that was not accepted, with its first fault. */
export type RejectedEvent = {
  /** the position of the event in the request, from 0. */
  readonly index: number;
  readonly event_id?: string;
  readonly code:
    | 'not_an_object'
    | 'missing_field'
    | 'unknown_field'
    | 'invalid_field'
    | 'metadata_too_large'
    | 'timestamp_out_of_range'
    | 'wrong_account'
    | 'forbidden_personal_data'
    | 'duplicate_in_batch';
  /** the field that is wrong. */
  readonly field?: string;
  readonly message: string;
};

/** A problem document (RFC 9457). Decide by `code`. */
export type Problem = {
  /** `urn:weir:problem:` and the code. */
  readonly type: string;
  /** a short name for the code. */
  readonly title: string;
  /** the status of the answer. */
  readonly status: number;
  /** what to do about it. */
  readonly detail: string;
  /** what to decide by. Codes never change. */
  readonly code:
    | 'invalid_json'
    | 'empty_body'
    | 'invalid_gzip'
    | 'bad_request'
    | 'invalid_parameter'
    | 'invalid_idempotency_key'
    | 'unauthorized'
    | 'signature_required'
    | 'signature_invalid'
    | 'signature_expired'
    | 'signature_replayed'
    | 'missing_scope'
    | 'public_key'
    | 'origin_not_allowed'
    | 'wrong_account'
    | 'missing_role'
    | 'account_required'
    | 'not_a_member'
    | 'invalid_environment'
    | 'account_suspended'
    | 'forbidden'
    | 'not_found'
    | 'unknown_batch'
    | 'unknown_event'
    | 'unknown_key'
    | 'unknown_member'
    | 'not_in_quarantine'
    | 'key_in_use'
    | 'key_not_live'
    | 'key_replaced'
    | 'key_outlives_caller'
    | 'too_many_keys'
    | 'last_owner'
    | 'too_many_members'
    | 'record_busy'
    | 'replay_failed'
    | 'idempotency_in_flight'
    | 'batch_discarded'
    | 'batch_too_large'
    | 'unsupported_media_type'
    | 'no_valid_event'
    | 'not_all_valid'
    | 'idempotency_key_reused'
    | 'rate_limited'
    | 'quota_exceeded'
    | 'circuit_open'
    | 'load_shed'
    | 'internal'
    | 'unavailable'
    | 'summary_not_ready'
    | 'overloaded'
    | 'timeout';
  /** the id of the request, also in `x-request-id`. */
  readonly request_id: string;
  /** seconds to wait, also in `retry-after`. Absent if waiting does not help. */
  readonly retry_after?: number;
  /** the line of NDJSON that is not JSON. */
  readonly line?: number;
  /** the parameter, or the member of the body, that is wrong. */
  readonly parameter?: string;
  /** the header that names the type. */
  readonly header?: string;
  /** the events that are wrong, and why. */
  readonly rejected?: readonly RejectedEvent[];
  /** the limits that are exceeded, as `RateLimit` names them. */
  readonly 'violated-policies'?: readonly string[];
  /** the id of the batch. */
  readonly batch_id?: string;
  /** how many events were discarded. */
  readonly discarded?: number;
  /** the path of the receipt of the batch. */
  readonly receipt?: string;
  /** when the key was used last, to the minute. */
  readonly last_used_at?: string;
  /** by which client. */
  readonly last_used_by?: string;
  /** `expired` or `revoked`. */
  readonly state?: string;
  /** the id of the key that replaced it. */
  readonly replaced_by?: string;
  /** when the replaced key ends. */
  readonly ends_at?: string;
  /** why the record cannot be stored. */
  readonly reason?: string;
};

/** What became of a batch. */
export type Receipt = {
  /** the id of the batch. */
  readonly batch_id: string;
  /** `stored`: every event is stored, a duplicate or a conflict. */
  readonly status: 'pending' | 'stored' | 'quarantined';
  /** RFC 3339, in UTC. */
  readonly received_at: string;
  /** only if the batch is stored. */
  readonly stored_at?: string;
  /** from its receipt until it was stored. */
  readonly freshness_ms?: number;
  readonly accepted: number;
  readonly stored: number;
  /** of events that were accepted before with the same content. */
  readonly duplicates: number;
  /** of ids that were accepted before with other content, which stays. */
  readonly conflicts: number;
  readonly quarantined: number;
};

/** The totals of a window. */
export type Summary = {
  readonly account_id: string;
  readonly environment: string;
  /** what was counted begins here, in whole hours. */
  readonly from: string;
  /** and ends here. */
  readonly to: string;
  readonly total: number;
  readonly values?: Values;
  /** greatest first, 1,000 at most. */
  readonly by_type: readonly {
    readonly type: string;
    readonly count: number;
    readonly values?: Values;
  }[];
  readonly by_service: readonly {
    readonly service: string;
    readonly count: number;
    readonly values?: Values;
  }[];
  /** greatest first, 100 at most. */
  readonly top_users: readonly {
    readonly user_id: string;
    readonly count: number;
  }[];
  readonly top_users_exact: boolean;
  /** the true count of a user is at most so much greater. */
  readonly top_users_error: number;
  readonly distinct_users: number;
  /** one standard deviation, as a share. 0 if counted. */
  readonly distinct_users_relative_error: number;
  /** of the events received in the window. */
  readonly duplicates: number;
  /** of the events received in the window. */
  readonly conflicts: number;
  /** up to when it is complete. */
  readonly as_of: string;
};

/** Of the events that carry a value. Decimal numbers in texts, because sums are exact. */
export type Values = {
  readonly count: number;
  readonly sum: string;
  readonly least: string;
  readonly greatest: string;
};

/** Counts over time. */
export type Series = {
  readonly account_id: string;
  readonly environment: string;
  readonly interval: 'minute' | 'hour' | 'day';
  /** the time zone of days. */
  readonly tz: string;
  readonly group_by?: 'type' | 'service';
  /** RFC 3339, in UTC. */
  readonly from: string;
  /** where the last point ends. */
  readonly to: string;
  readonly total: number;
  /** of the values of events, exactly. Absent if no event carries one. */
  readonly sum?: string;
  /** one for each interval, also where nothing was. */
  readonly points: readonly {
    /** RFC 3339, in UTC. */
    readonly from: string;
    readonly count: number;
    /** of the values of events, exactly. Absent if no event carries one. */
    readonly sum?: string;
  }[];
  /** the 20 greatest, then `(other)` and `(none)`. */
  readonly groups?: readonly {
    readonly type?: string;
    readonly service?: string;
    readonly count: number;
    /** of the values of events, exactly. Absent if no event carries one. */
    readonly sum?: string;
    /** in the order of the points. */
    readonly counts: readonly number[];
    /** in the order of the points. */
    readonly sums?: readonly string[];
  }[];
  /** up to when it is complete. */
  readonly as_of: string;
};

/** The limits of the account, and what is used of them. */
export type Usage = {
  readonly account_id: string;
  readonly environment: string;
  readonly tier: 'standard' | 'enterprise' | 'custom';
  /** RFC 3339, in UTC. */
  readonly as_of: string;
  readonly requests_per_second: {
    readonly limit: number;
  };
  readonly events_per_minute: RateUse;
  readonly events_per_day: QuotaUse;
  readonly events_per_month: QuotaUse;
  readonly summary_reads_per_minute: RateUse;
};

/** What can be used at once, and when that is a whole minute again. */
export type RateUse = {
  readonly limit: number;
  readonly left: number;
  /** RFC 3339, in UTC. */
  readonly full_at: string;
  readonly mode: 'enforce' | 'observe';
};

/** What is used of a day or a month, in UTC. */
export type QuotaUse = {
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  /** of the limit. */
  readonly share: number;
  /** events beyond a limit: refused, or accepted because nothing is refused. */
  readonly over: number;
  /** RFC 3339, in UTC. */
  readonly resets_at: string;
  /** what would be used by then if it went on so. */
  readonly projected: number;
  readonly mode: 'hard' | 'soft' | 'observe';
};

/** Some of the events that were asked for. */
export type EventsFound = {
  readonly events: readonly StoredEvent[];
  /** `false` in a minute that holds more than one answer can read. */
  readonly in_order: boolean;
  /** there may be more. Absent at the end. */
  readonly next_cursor?: string;
};

/** An event that is stored and counted. */
export type StoredEvent = {
  readonly event_id: string;
  readonly type: string;
  /** RFC 3339, in UTC. */
  readonly timestamp: string;
  readonly user_id?: string;
  readonly service?: string;
  readonly value?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** RFC 3339, in UTC. */
  readonly received_at: string;
  /** the fields that the server added. */
  readonly made?: readonly ('event_id' | 'timestamp')[];
};

export type SummaryQuery = {
  /** The time until now, in whole hours. Not together with `from`. */
  readonly window?: '1h' | '24h' | '7d' | '30d';
  /** From when on: RFC 3339, or how long ago, such as `90s`, `30m`, `2h` or `7d`. */
  readonly from?: string;
  /** Until before when, in the forms of `from`. Absent: until now. */
  readonly to?: string;
};

export type SeriesQuery = {
  /** What a point covers. */
  readonly interval: 'minute' | 'hour' | 'day';
  /** Counts by it, too. Not of minutes, nor of days that begin within an hour of UTC. */
  readonly group_by?: 'type' | 'service';
  /** From when on: RFC 3339, or how long ago, such as `90s`, `30m`, `2h` or `7d`. */
  readonly from?: string;
  /** Until before when, in the forms of `from`. Absent: until now. */
  readonly to?: string;
  /** The time zone of days, such as `Europe/Berlin`: one whose offset is a multiple of 15 minutes. Absent: UTC. */
  readonly tz?: string;
};

export type SearchQuery = {
  /** From when on: RFC 3339, or how long ago, such as `90s`, `30m`, `2h` or `7d`. Absent: all that is kept. */
  readonly from?: string;
  /** Until before when, in the forms of `from`. Absent: until now. */
  readonly to?: string;
  /** Only events with exactly this type. */
  readonly type?: string;
  /** Only events with exactly this service. */
  readonly service?: string;
  /** Only events with exactly this user. */
  readonly user_id?: string;
  /** Only events with exactly this id. */
  readonly event_id?: string;
  /** Only events with this value in a field of `metadata`: any path after `metadata.`, with dots, and 3 of them at most. */
  readonly [field: `metadata.${string}`]: string;
  /** `desc`: the newest first. */
  readonly order?: 'desc' | 'asc';
  /** How many events the answer has at most. */
  readonly limit?: number;
};
