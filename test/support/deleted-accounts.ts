// For consume and settle where no account was ever deleted.

export const noneDeleted = { of: async () => new Map<string, number>() };
