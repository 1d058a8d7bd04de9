// Made from the API’s OpenAPI document: CULVERT_WRITE_DOCS=1 node --test test/structure/api-client.test.ts
export interface paths {
    "/status.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The status page, for programs; needs no key */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            at: string;
                            components: {
                                /** @description In words. */
                                detail: string;
                                name: "connections" | "sessions" | "api" | "probes";
                                state: "operational" | "degraded" | "outage" | "unknown";
                            }[];
                            /** @description The last 90, the oldest first; days of UTC. */
                            days: {
                                connectionSuccess: number | null;
                                /** Format: date */
                                day: string;
                                sessionAvailability: number | null;
                                state: "operational" | "degraded" | "outage" | "unknown";
                            }[];
                            /** @description Of the last days, the newest first; 50 at most. */
                            incidents: {
                                about: ("connections" | "sessions" | "probes")[];
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                from: string;
                                state: "degraded" | "outage";
                                to: string | null;
                            }[];
                            /** @description Maintenance, the newest first; 20 at most. */
                            notes: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                text: string;
                            }[];
                            state: "operational" | "degraded" | "outage" | "unknown";
                            /** @description In one sentence. */
                            summary: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/about": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions and processes, side by side */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            links: {
                                dashboards: string | null;
                                logs: string | null;
                                traces: string | null;
                            };
                            /** @description The API that answers. */
                            node: string;
                            processes: {
                                admin: string;
                                health: {
                                    level: "ok" | "warn" | "bad";
                                    /** @description In words; empty: all is well. */
                                    reasons: string[];
                                };
                                host: string;
                                id: string;
                                pid: number;
                                pool: string;
                                role: "worker" | "gateway" | "api" | "deployer";
                                startedAt: string | null;
                                state: string;
                                version: string;
                            }[];
                            publicUrl: string;
                            registry: {
                                /** @description Redis answers, and is fit to be used. */
                                available: boolean;
                                nodes: number | null;
                                reason: string | null;
                                recovering: boolean | null;
                                round: string | null;
                                server: string | null;
                                sessions: number | null;
                                since: string | null;
                            };
                            runtime: string;
                            /** @description Of the API that answers. */
                            version: string;
                            versions: {
                                processes: number;
                                version: string;
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/annotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Deployments that ran in the last hour or day, to be drawn into charts */
        get: {
            parameters: {
                query?: {
                    window?: "1h" | "24h";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                deployment: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                from: string;
                                state: string;
                                text: string;
                                to: string | null;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chaos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List rehearsals of failures */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @description Id of the key. */
                                by: string;
                                /** @description Empty until it has ended. */
                                checks: {
                                    measured: string;
                                    name: string;
                                    passed: boolean;
                                    promised: string;
                                }[];
                                endedAt: string | null;
                                figures: {
                                    edgesEnded: number;
                                    /** @description Asked for and not opened, by Culvert’s fault. */
                                    failed: number;
                                    gapMs: {
                                        max: number;
                                        p50: number;
                                        p99: number;
                                    } | null;
                                    /** @description Of the last 100 entries of the history. */
                                    historyLost: number;
                                    lost: number;
                                    /** @description Connections of customers. */
                                    opened: number;
                                    resumed: number;
                                    sessions: {
                                        /** @description That had none at the end. */
                                        lost: number;
                                        /** @description At the worst moment. */
                                        unserved: number;
                                        /** @description That had an owner at the beginning; 500 at most are watched. */
                                        watched: number;
                                    };
                                    settingsLost: number;
                                };
                                id: string;
                                /** @description Why it ended early; empty otherwise. */
                                reason: string;
                                seed: number;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                startedAt: string;
                                state: "running" | "passed" | "failed" | "aborted" | "stopped";
                                steps: {
                                    afterMs: number;
                                    /** @description What is waited for, or what went wrong. */
                                    detail: string;
                                    fault: {
                                        target: {
                                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                            node: string;
                                        } | {
                                            percent?: number;
                                            role: "worker" | "gateway" | "api" | "deployer";
                                        };
                                        /** @enum {string} */
                                        type: "kill";
                                    } | {
                                        /** @description How long it lasts, ms. */
                                        durationMs: number;
                                        target: {
                                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                            node: string;
                                        } | {
                                            percent?: number;
                                            role: "worker" | "gateway" | "api" | "deployer";
                                        };
                                        /** @enum {string} */
                                        type: "freeze";
                                    } | {
                                        /** @description How long it lasts, ms. */
                                        durationMs: number;
                                        from: "redis" | "links" | "both";
                                        /** @description Connections are reset; else nothing passes, and nothing is said. */
                                        reset?: boolean;
                                        target: {
                                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                            node: string;
                                        } | {
                                            percent?: number;
                                            role: "worker" | "gateway" | "api" | "deployer";
                                        };
                                        /** @enum {string} */
                                        type: "cut";
                                    } | {
                                        /** @description Each way. */
                                        byMs: number;
                                        /** @description Of each connection, each way; no bound. */
                                        bytesPerSecond?: number;
                                        /** @description How long it lasts, ms. */
                                        durationMs: number;
                                        /** @description Up to so much more; 0. */
                                        jitterMs?: number;
                                        target: {
                                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                            node: string;
                                        } | {
                                            percent?: number;
                                            role: "worker" | "gateway" | "api" | "deployer";
                                        };
                                        /** @enum {string} */
                                        type: "slow";
                                        what: "redis" | "links" | "both";
                                    } | {
                                        /** @description How long it is away; 0. */
                                        downMs?: number;
                                        /** @description It comes back without its data. */
                                        empty?: boolean;
                                        /** @enum {string} */
                                        type: "restart_redis";
                                    };
                                    nodes: {
                                        /** @description The life that was hit. */
                                        boot: string;
                                        /** @description It serves again, in this life or the next. */
                                        cameBack: boolean;
                                        id: string;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    }[];
                                    rtoMs: number | null;
                                    startedAt: string | null;
                                    state: "waiting" | "active" | "recovering" | "recovered" | "not_recovered" | "not_begun";
                                }[];
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Rehearse failures, where the configuration allows it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        abort?: {
                            /** @description Stop at so many lost connections; 100. */
                            lost?: number;
                            /** @description Stop when fewer are opened, of 20 or more; 0.5. */
                            successBelow?: number;
                        };
                        /** @description Also when the cluster is not well. */
                        force?: boolean;
                        limits?: {
                            /** @description Of connections that lost their path. */
                            gapP99Ms?: number;
                            /** @description Connections lost; 0. */
                            lost?: number;
                            /** @description From the fault until all is well again. */
                            rtoMs?: number;
                        };
                        /** @description How long a recovery is waited for; 2 min. */
                        recoverMs?: number;
                        /** @description Of the choice of nodes. */
                        seed?: number;
                        /** @description One after the other, each when the cluster is well again. */
                        steps: {
                            /** @description Not before so long after the beginning of the run; 0. Steps never overlap. */
                            afterMs?: number;
                            fault: {
                                target: {
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    node: string;
                                } | {
                                    percent?: number;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                };
                                /** @enum {string} */
                                type: "kill";
                            } | {
                                /** @description How long it lasts, ms. */
                                durationMs: number;
                                target: {
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    node: string;
                                } | {
                                    percent?: number;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                };
                                /** @enum {string} */
                                type: "freeze";
                            } | {
                                /** @description How long it lasts, ms. */
                                durationMs: number;
                                from: "redis" | "links" | "both";
                                /** @description Connections are reset; else nothing passes, and nothing is said. */
                                reset?: boolean;
                                target: {
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    node: string;
                                } | {
                                    percent?: number;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                };
                                /** @enum {string} */
                                type: "cut";
                            } | {
                                /** @description Each way. */
                                byMs: number;
                                /** @description Of each connection, each way; no bound. */
                                bytesPerSecond?: number;
                                /** @description How long it lasts, ms. */
                                durationMs: number;
                                /** @description Up to so much more; 0. */
                                jitterMs?: number;
                                target: {
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    node: string;
                                } | {
                                    percent?: number;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                };
                                /** @enum {string} */
                                type: "slow";
                                what: "redis" | "links" | "both";
                            } | {
                                /** @description How long it is away; 0. */
                                downMs?: number;
                                /** @description It comes back without its data. */
                                empty?: boolean;
                                /** @enum {string} */
                                type: "restart_redis";
                            };
                        }[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Id of the key. */
                            by: string;
                            /** @description Empty until it has ended. */
                            checks: {
                                measured: string;
                                name: string;
                                passed: boolean;
                                promised: string;
                            }[];
                            endedAt: string | null;
                            figures: {
                                edgesEnded: number;
                                /** @description Asked for and not opened, by Culvert’s fault. */
                                failed: number;
                                gapMs: {
                                    max: number;
                                    p50: number;
                                    p99: number;
                                } | null;
                                /** @description Of the last 100 entries of the history. */
                                historyLost: number;
                                lost: number;
                                /** @description Connections of customers. */
                                opened: number;
                                resumed: number;
                                sessions: {
                                    /** @description That had none at the end. */
                                    lost: number;
                                    /** @description At the worst moment. */
                                    unserved: number;
                                    /** @description That had an owner at the beginning; 500 at most are watched. */
                                    watched: number;
                                };
                                settingsLost: number;
                            };
                            id: string;
                            /** @description Why it ended early; empty otherwise. */
                            reason: string;
                            seed: number;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            startedAt: string;
                            state: "running" | "passed" | "failed" | "aborted" | "stopped";
                            steps: {
                                afterMs: number;
                                /** @description What is waited for, or what went wrong. */
                                detail: string;
                                fault: {
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "kill";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "freeze";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    from: "redis" | "links" | "both";
                                    /** @description Connections are reset; else nothing passes, and nothing is said. */
                                    reset?: boolean;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "cut";
                                } | {
                                    /** @description Each way. */
                                    byMs: number;
                                    /** @description Of each connection, each way; no bound. */
                                    bytesPerSecond?: number;
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    /** @description Up to so much more; 0. */
                                    jitterMs?: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "slow";
                                    what: "redis" | "links" | "both";
                                } | {
                                    /** @description How long it is away; 0. */
                                    downMs?: number;
                                    /** @description It comes back without its data. */
                                    empty?: boolean;
                                    /** @enum {string} */
                                    type: "restart_redis";
                                };
                                nodes: {
                                    /** @description The life that was hit. */
                                    boot: string;
                                    /** @description It serves again, in this life or the next. */
                                    cameBack: boolean;
                                    id: string;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                }[];
                                rtoMs: number | null;
                                startedAt: string | null;
                                state: "waiting" | "active" | "recovering" | "recovered" | "not_recovered" | "not_begun";
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chaos/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a rehearsal */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Id of the key. */
                            by: string;
                            /** @description Empty until it has ended. */
                            checks: {
                                measured: string;
                                name: string;
                                passed: boolean;
                                promised: string;
                            }[];
                            endedAt: string | null;
                            figures: {
                                edgesEnded: number;
                                /** @description Asked for and not opened, by Culvert’s fault. */
                                failed: number;
                                gapMs: {
                                    max: number;
                                    p50: number;
                                    p99: number;
                                } | null;
                                /** @description Of the last 100 entries of the history. */
                                historyLost: number;
                                lost: number;
                                /** @description Connections of customers. */
                                opened: number;
                                resumed: number;
                                sessions: {
                                    /** @description That had none at the end. */
                                    lost: number;
                                    /** @description At the worst moment. */
                                    unserved: number;
                                    /** @description That had an owner at the beginning; 500 at most are watched. */
                                    watched: number;
                                };
                                settingsLost: number;
                            };
                            id: string;
                            /** @description Why it ended early; empty otherwise. */
                            reason: string;
                            seed: number;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            startedAt: string;
                            state: "running" | "passed" | "failed" | "aborted" | "stopped";
                            steps: {
                                afterMs: number;
                                /** @description What is waited for, or what went wrong. */
                                detail: string;
                                fault: {
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "kill";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "freeze";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    from: "redis" | "links" | "both";
                                    /** @description Connections are reset; else nothing passes, and nothing is said. */
                                    reset?: boolean;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "cut";
                                } | {
                                    /** @description Each way. */
                                    byMs: number;
                                    /** @description Of each connection, each way; no bound. */
                                    bytesPerSecond?: number;
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    /** @description Up to so much more; 0. */
                                    jitterMs?: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "slow";
                                    what: "redis" | "links" | "both";
                                } | {
                                    /** @description How long it is away; 0. */
                                    downMs?: number;
                                    /** @description It comes back without its data. */
                                    empty?: boolean;
                                    /** @enum {string} */
                                    type: "restart_redis";
                                };
                                nodes: {
                                    /** @description The life that was hit. */
                                    boot: string;
                                    /** @description It serves again, in this life or the next. */
                                    cameBack: boolean;
                                    id: string;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                }[];
                                rtoMs: number | null;
                                startedAt: string | null;
                                state: "waiting" | "active" | "recovering" | "recovered" | "not_recovered" | "not_begun";
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Stop a rehearsal, and end what it has begun */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Id of the key. */
                            by: string;
                            /** @description Empty until it has ended. */
                            checks: {
                                measured: string;
                                name: string;
                                passed: boolean;
                                promised: string;
                            }[];
                            endedAt: string | null;
                            figures: {
                                edgesEnded: number;
                                /** @description Asked for and not opened, by Culvert’s fault. */
                                failed: number;
                                gapMs: {
                                    max: number;
                                    p50: number;
                                    p99: number;
                                } | null;
                                /** @description Of the last 100 entries of the history. */
                                historyLost: number;
                                lost: number;
                                /** @description Connections of customers. */
                                opened: number;
                                resumed: number;
                                sessions: {
                                    /** @description That had none at the end. */
                                    lost: number;
                                    /** @description At the worst moment. */
                                    unserved: number;
                                    /** @description That had an owner at the beginning; 500 at most are watched. */
                                    watched: number;
                                };
                                settingsLost: number;
                            };
                            id: string;
                            /** @description Why it ended early; empty otherwise. */
                            reason: string;
                            seed: number;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            startedAt: string;
                            state: "running" | "passed" | "failed" | "aborted" | "stopped";
                            steps: {
                                afterMs: number;
                                /** @description What is waited for, or what went wrong. */
                                detail: string;
                                fault: {
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "kill";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "freeze";
                                } | {
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    from: "redis" | "links" | "both";
                                    /** @description Connections are reset; else nothing passes, and nothing is said. */
                                    reset?: boolean;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "cut";
                                } | {
                                    /** @description Each way. */
                                    byMs: number;
                                    /** @description Of each connection, each way; no bound. */
                                    bytesPerSecond?: number;
                                    /** @description How long it lasts, ms. */
                                    durationMs: number;
                                    /** @description Up to so much more; 0. */
                                    jitterMs?: number;
                                    target: {
                                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                        node: string;
                                    } | {
                                        percent?: number;
                                        role: "worker" | "gateway" | "api" | "deployer";
                                    };
                                    /** @enum {string} */
                                    type: "slow";
                                    what: "redis" | "links" | "both";
                                } | {
                                    /** @description How long it is away; 0. */
                                    downMs?: number;
                                    /** @description It comes back without its data. */
                                    empty?: boolean;
                                    /** @enum {string} */
                                    type: "restart_redis";
                                };
                                nodes: {
                                    /** @description The life that was hit. */
                                    boot: string;
                                    /** @description It serves again, in this life or the next. */
                                    cameBack: boolean;
                                    id: string;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                }[];
                                rtoMs: number | null;
                                startedAt: string | null;
                                state: "waiting" | "active" | "recovering" | "recovered" | "not_recovered" | "not_begun";
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List deployments */
        get: {
            parameters: {
                query?: {
                    /** @description Without evidence, log and forecast, which are most of a deployment. */
                    brief?: "true";
                    cursor?: string;
                    /** @description 1 to 200; 20. */
                    limit?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                createdAt: string;
                                /** @description Id of the key. */
                                createdBy: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                events: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description state, step, command, effect or warning */
                                    kind: string;
                                    message: string;
                                    node: string | null;
                                }[];
                                finishedAt: string | null;
                                forecast: {
                                    /** @description If nothing has to be waited for. */
                                    estimateMs: number;
                                    nodes: {
                                        busy: number;
                                        connections: number;
                                        id: string;
                                        replacement: string;
                                        sessions: number;
                                        version: string;
                                        /** @description Nodes of one wave are drained together; from 1. */
                                        wave: number;
                                    }[];
                                    /** @description That would be touched, the busy ones first; 100 at most. */
                                    sessions: {
                                        connections: number;
                                        id: string;
                                        name: string | null;
                                        node: string;
                                        tenant: string;
                                    }[];
                                    warnings: string[];
                                } | null;
                                id: string;
                                kind: "release" | "rehearsal";
                                nodes: {
                                    /** @description Of these, with connections. */
                                    busy: number;
                                    connections: number;
                                    deadlineAt: string | null;
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    enteredAt: string;
                                    evidence: {
                                        /**
                                         * Format: date-time
                                         * @description ISO 8601, UTC.
                                         */
                                        at: string;
                                        /** @description In words. */
                                        detail: string;
                                        facts: {
                                            [key: string]: string | number | boolean;
                                        };
                                        outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                        step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                        tookMs: number;
                                    }[];
                                    /** @description Its version. */
                                    from: string;
                                    /** @description The node that is replaced. */
                                    id: string;
                                    replacement: string | null;
                                    /** @description Still on the node that is replaced. */
                                    sessions: number;
                                    state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    /** @description The replacement's version. */
                                    to: string;
                                }[];
                                policy: "move" | "wait";
                                pool: string;
                                reason: string | null;
                                request: {
                                    analyzeMs: number;
                                    batch: number;
                                    canary: {
                                        /** @description How long the canary is watched before the rest follows. */
                                        analyzeMs: number;
                                        /** @description Of new sessions. */
                                        percent?: number;
                                        /** @description Theirs, and no others. */
                                        tenants?: string[];
                                    } | null;
                                    deadlineMs: number;
                                    dryRun: boolean;
                                    hold: boolean;
                                    inWindow: boolean;
                                    keepWarmMs: number;
                                    kind: "release" | "rehearsal";
                                    node: string | null;
                                    onDeadline: "pause" | "extend" | "force" | "abort";
                                    policy: "move" | "wait";
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    pool: string;
                                    provider: {
                                        directory?: string;
                                        kind: "process" | "exec" | "kubernetes";
                                    };
                                    queue: boolean;
                                    role: "worker" | "gateway" | "api" | "deployer";
                                    strategy: "rolling" | "surge" | "blue-green" | "canary";
                                    surge: number;
                                    /** @description A rehearsal's is that of its node, and empty before it is known. */
                                    version: string;
                                };
                                revision: number;
                                role: "worker" | "gateway" | "api" | "deployer";
                                state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                version: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Replace the nodes of a role and pool by ones of a version; dryRun: say what would happen */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description After each batch; 2 s. 0: no analysis. */
                        analyzeMs?: number;
                        /** @description Nodes drained at a time; 1. */
                        batch?: number;
                        canary?: {
                            /** @description How long the canary is watched before the rest follows. */
                            analyzeMs: number;
                            /** @description Of new sessions. */
                            percent?: number;
                            /** @description Theirs, and no others. */
                            tenants?: string[];
                        };
                        /** @description For the busy sessions of one node; 10 min. */
                        deadlineMs?: number;
                        /** @description Only say what would happen. */
                        dryRun?: boolean;
                        /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                        hold?: boolean;
                        /** @description Touch nodes only while a maintenance window is open. */
                        inWindow?: boolean;
                        /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                        keepWarmMs?: number;
                        onDeadline?: "pause" | "extend" | "force" | "abort";
                        policy?: "move" | "wait";
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        pool?: string;
                        provider?: {
                            directory?: string;
                            kind: "process" | "exec" | "kubernetes";
                        };
                        /** @description If another one is under way, wait for it instead of being refused. */
                        queue?: boolean;
                        role?: "worker" | "gateway" | "api" | "deployer";
                        strategy?: "rolling" | "surge" | "blue-green" | "canary";
                        /** @description Nodes beyond the usual; the batch. */
                        surge?: number;
                        version: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a deployment */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop, and leave what is done as it is */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give busy sessions more time */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/force": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close the sessions that a node still waits for */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin nothing new; what is under way on a node ends by itself */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on at once: after a hold, or from the canary to the rest */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of every session that it touched */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            finishedAt: string;
                            id: string;
                            nodes: {
                                id: string;
                                replacement: string | null;
                                state: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            role: "worker" | "gateway" | "api" | "deployer";
                            sessions: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                bytesReplayed: number;
                                /** @description That ended by themselves while it waited. */
                                connectionsFinished: number;
                                connectionsLost: number;
                                connectionsMoved: number;
                                from: string;
                                gapMs: number | null;
                                id: string;
                                name: string | null;
                                outcome: "moved" | "closed_idle" | "forced" | "ended";
                                tenant: string;
                                to: string | null;
                            }[];
                            signature: {
                                /** @enum {string} */
                                algorithm: "HMAC-SHA256";
                                value: string;
                            };
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            startedAt: string;
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            totals: {
                                bytesReplayed: number;
                                closedIdle: number;
                                connectionsFinished: number;
                                connectionsLost: number;
                                connectionsMoved: number;
                                gapMs: {
                                    max: number;
                                    p50: number;
                                    p99: number;
                                };
                                movedSessions: number;
                                sessions: number;
                            };
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on after a pause */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go back to the old nodes */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leave a node alone */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description extend: how much longer; 10 min. */
                        byMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why it waits, or stopped, and what would end that */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            at: string;
                            id: string;
                            reasons: {
                                code: string;
                                /** @description What is not so yet, in words. */
                                condition: string;
                                /** @description What would end the wait. */
                                endsWhen: string;
                                /** @description How many hold it in all. */
                                held: number;
                                /** @description Who holds it, the longest first; 20 at most. */
                                holders: {
                                    ageMs: number;
                                    bytesPerSecond: number | null;
                                    connection: string | null;
                                    lastByteAgoMs: number | null;
                                    name: string | null;
                                    session: string;
                                    target: string | null;
                                    tenant: string;
                                }[];
                                node: string | null;
                                step: ("waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done") | null;
                            }[];
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            /** @description In one sentence. */
                            summary: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/rehearse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cordon a live worker, move its sessions away and back */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description For the busy sessions; 1 min. */
                        deadlineMs?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        node?: string;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        pool?: string;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description Id of the key. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            enteredAt: string;
                            events: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description state, step, command, effect or warning */
                                kind: string;
                                message: string;
                                node: string | null;
                            }[];
                            finishedAt: string | null;
                            forecast: {
                                /** @description If nothing has to be waited for. */
                                estimateMs: number;
                                nodes: {
                                    busy: number;
                                    connections: number;
                                    id: string;
                                    replacement: string;
                                    sessions: number;
                                    version: string;
                                    /** @description Nodes of one wave are drained together; from 1. */
                                    wave: number;
                                }[];
                                /** @description That would be touched, the busy ones first; 100 at most. */
                                sessions: {
                                    connections: number;
                                    id: string;
                                    name: string | null;
                                    node: string;
                                    tenant: string;
                                }[];
                                warnings: string[];
                            } | null;
                            id: string;
                            kind: "release" | "rehearsal";
                            nodes: {
                                /** @description Of these, with connections. */
                                busy: number;
                                connections: number;
                                deadlineAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                enteredAt: string;
                                evidence: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    /** @description In words. */
                                    detail: string;
                                    facts: {
                                        [key: string]: string | number | boolean;
                                    };
                                    outcome: "ok" | "failed" | "timeout" | "skipped" | "forced";
                                    step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                    tookMs: number;
                                }[];
                                /** @description Its version. */
                                from: string;
                                /** @description The node that is replaced. */
                                id: string;
                                replacement: string | null;
                                /** @description Still on the node that is replaced. */
                                sessions: number;
                                state: "waiting" | "running" | "done" | "failed" | "skipped" | "rolling_back" | "rolled_back";
                                step: "waiting" | "prepare" | "verify" | "admit" | "cordon" | "announce" | "close_idle" | "busy" | "verify_empty" | "warm" | "terminate" | "analyze" | "return" | "done";
                                /** @description The replacement's version. */
                                to: string;
                            }[];
                            policy: "move" | "wait";
                            pool: string;
                            reason: string | null;
                            request: {
                                analyzeMs: number;
                                batch: number;
                                canary: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                } | null;
                                deadlineMs: number;
                                dryRun: boolean;
                                hold: boolean;
                                inWindow: boolean;
                                keepWarmMs: number;
                                kind: "release" | "rehearsal";
                                node: string | null;
                                onDeadline: "pause" | "extend" | "force" | "abort";
                                policy: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool: string;
                                provider: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                queue: boolean;
                                role: "worker" | "gateway" | "api" | "deployer";
                                strategy: "rolling" | "surge" | "blue-green" | "canary";
                                surge: number;
                                /** @description A rehearsal's is that of its node, and empty before it is known. */
                                version: string;
                            };
                            revision: number;
                            role: "worker" | "gateway" | "api" | "deployer";
                            state: "pending" | "preflight" | "running" | "paused" | "analyzing" | "rolling_back" | "succeeded" | "failed" | "aborted" | "rolled_back" | "rejected";
                            strategy: "rolling" | "surge" | "blue-green" | "canary";
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens, and what happened
         * @description As text/event-stream, what comes from now on, or after `Last-Event-ID` (or `after`): each event
         *     with its id, its type as `event`, and a ClusterEvent as `data`. An event `gap` ({after, oldest}) says that what
         *     came between may be missing. Redis away shows as a comment, and the stream goes on when it is back. With
         *     `format=json` (or Accept: application/json) a page: `next` is the `after` of the one that follows, with
         *     `order=desc` its `before`; a page may be short, only `next: null` says that it was the last. Agent keys see their
         *     tenant's `session.*`.
         */
        get: {
            parameters: {
                query?: {
                    /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                    after?: string;
                    /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                    before?: string;
                    format?: "json" | "stream";
                    /** @description 1 to 500; 100. */
                    limit?: string;
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    node?: string;
                    /** @description Of a page; asc: the oldest first. */
                    order?: "asc" | "desc";
                    session?: string;
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    tenant?: string;
                    /** @description Separated by commas; `session.*` is all that begin so. */
                    types?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Events, as they happen or as a page. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: ({
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                epoch: number;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                session: string;
                                tenant: string;
                                /** @enum {string} */
                                type: "session.opened";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                epoch: number;
                                from: string;
                                fromEpoch: number;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                session: string;
                                tenant: string;
                                /** @enum {string} */
                                type: "session.moved";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                epoch: number;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                reason: string;
                                session: string;
                                tenant: string;
                                /** @enum {string} */
                                type: "session.closed";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                epoch: number;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                owner: string;
                                ownerEpoch: number;
                                session: string;
                                tenant: string;
                                /** @enum {string} */
                                type: "session.fenced";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                role: string;
                                state: string;
                                /** @enum {string} */
                                type: "node.state";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                /** @enum {string} */
                                type: "node.cordoned";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                /** @enum {string} */
                                type: "node.uncordoned";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                boot: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                sessions: number;
                                /** @enum {string} */
                                type: "node.swept";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                round: string;
                                /** @enum {string} */
                                type: "registry.recovering";
                                why: string;
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                round: string;
                                tookMs: number;
                                /** @enum {string} */
                                type: "registry.recovered";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                by: string;
                                deployment: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                pool: string;
                                role: string;
                                /** @enum {string} */
                                type: "deployment.created";
                                version: string;
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                deployment: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                reason: string;
                                state: string;
                                /** @enum {string} */
                                type: "deployment.state";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                deployment: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                outcome: string;
                                step: string;
                                /** @enum {string} */
                                type: "deployment.step";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                by: string;
                                deployment: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                /** @enum {string} */
                                type: "deployment.command";
                                verb: string;
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                deployment: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                state: string;
                                /** @enum {string} */
                                type: "deployment.restored";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                check: string;
                                code: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                message: string;
                                node: string;
                                role: string;
                                /** @enum {string} */
                                type: "probe.failed";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                downMs: number;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                role: string;
                                /** @enum {string} */
                                type: "probe.recovered";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                by: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                run: string;
                                steps: number;
                                /** @enum {string} */
                                type: "chaos.started";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                fault: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                node: string;
                                run: string;
                                /** @enum {string} */
                                type: "chaos.fault";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                lost: number;
                                run: string;
                                state: string;
                                /** @enum {string} */
                                type: "chaos.ended";
                            } | {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                fields: {
                                    [key: string]: string;
                                };
                                /** @description <ms since 1970>-<number>; without the number, the first of that millisecond. */
                                id: string;
                                name: string;
                                /** @enum {string} */
                                type: "unknown";
                            })[];
                            next: string | null;
                        };
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The cluster as it is, live
         * @description As text/event-stream, an event `cluster` with a LiveCluster as `data`, at once, then each second, and
         *     sooner when something changes. Each is whole: who is slow gets the newest one next, and misses those between. While Redis is
         *     away, the last one is told once more, with `registry.available` false and the reason. With `format=json` one picture.
         */
        get: {
            parameters: {
                query?: {
                    format?: "json";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The cluster, again and again or once. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description When the registry was read; while it is away, when it answered last.
                             */
                            at: string;
                            /** @description Not those that wait for their turn. */
                            deployments: {
                                done: number;
                                id: string;
                                nodes: number;
                                pool: string;
                                role: string;
                                state: string;
                                version: string;
                            }[];
                            nodes: {
                                admin: string;
                                /** @description Agents per second that it lets in; 0: it is no worker. */
                                admissionRate: number;
                                /** @description This life of the node. */
                                boot: string;
                                busy: number | null;
                                bytesInPerSecond: number | null;
                                bytesOutPerSecond: number | null;
                                /** @description Sessions that it takes at most. */
                                capacity: number;
                                connections: number;
                                /** @description An operator wants it to take no new sessions. */
                                cordoned: boolean;
                                health: {
                                    level: "ok" | "warn" | "bad";
                                    /** @description In words; empty: all is well. */
                                    reasons: string[];
                                };
                                host: string;
                                id: string;
                                idle: number | null;
                                /** @description Since its last beat. */
                                leaseAgeMs: number;
                                link: string | null;
                                pid: number;
                                pool: string;
                                proxy: string | null;
                                role: "worker" | "gateway" | "api" | "deployer";
                                sessions: number;
                                /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                                state: string;
                                version: string;
                            }[];
                            registry: {
                                /** @description Redis answers, and is fit to be used. */
                                available: boolean;
                                nodes: number | null;
                                reason: string | null;
                                recovering: boolean | null;
                                round: string | null;
                                server: string | null;
                                sessions: number | null;
                                since: string | null;
                            };
                            totals: {
                                busy: number;
                                /** @description A second. */
                                bytesInPerSecond: number;
                                /** @description A second. */
                                bytesOutPerSecond: number;
                                connections: number;
                                sessions: number;
                            };
                        };
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            by: "key" | "cookie";
                            keyId: string;
                            label: string | null;
                            role: "admin" | "operator" | "viewer" | "agent";
                            session: {
                                /** @description Goes into the header x-culvert-csrf. */
                                csrf: string;
                                /**
                                 * Format: date-time
                                 * @description Whatever is asked for.
                                 */
                                endsAt: string;
                                /**
                                 * Format: date-time
                                 * @description Unless something is asked for before.
                                 */
                                expiresAt: string;
                            } | null;
                            tenant: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List nodes */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                admin: string;
                                /** @description Agents per second that it lets in; 0: it is no worker. */
                                admissionRate: number;
                                /** @description This life of the node. */
                                boot: string;
                                /** @description Sessions that it takes at most. */
                                capacity: number;
                                connections: number;
                                /** @description An operator wants it to take no new sessions. */
                                cordoned: boolean;
                                host: string;
                                id: string;
                                /** @description Since its last beat. */
                                leaseAgeMs: number;
                                link: string | null;
                                pid: number;
                                pool: string;
                                proxy: string | null;
                                role: "worker" | "gateway" | "api" | "deployer";
                                sessions: number;
                                /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                                state: string;
                                version: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a node */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            admin: string;
                            /** @description Agents per second that it lets in; 0: it is no worker. */
                            admissionRate: number;
                            /** @description This life of the node. */
                            boot: string;
                            /** @description Sessions that it takes at most. */
                            capacity: number;
                            connections: number;
                            /** @description An operator wants it to take no new sessions. */
                            cordoned: boolean;
                            host: string;
                            id: string;
                            /** @description Since its last beat. */
                            leaseAgeMs: number;
                            link: string | null;
                            pid: number;
                            pool: string;
                            proxy: string | null;
                            role: "worker" | "gateway" | "api" | "deployer";
                            sessions: number;
                            /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                            state: string;
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}/blockers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What keeps it from being empty */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @description Both ways, over the last 5 s or so; absent: not looked at for long enough. */
                                bytesPerSecond?: number;
                                connection: string | null;
                                /** @description What would end the wait. */
                                detail: string;
                                kind: "connection" | "session";
                                /**
                                 * Format: date-time
                                 * @description The connection's last byte, either way; absent: not known.
                                 */
                                lastByteAt?: string;
                                name: string | null;
                                /** @description direct: its browser uses this worker's own proxy address; moving: under way; no_target: no other worker can take it; busy: the policy is to wait */
                                reason: "direct" | "moving" | "no_target" | "busy";
                                session: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                since: string;
                                target: string | null;
                                tenant: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}/cordon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give it no new sessions */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            admin: string;
                            /** @description Agents per second that it lets in; 0: it is no worker. */
                            admissionRate: number;
                            /** @description This life of the node. */
                            boot: string;
                            /** @description Sessions that it takes at most. */
                            capacity: number;
                            connections: number;
                            /** @description An operator wants it to take no new sessions. */
                            cordoned: boolean;
                            host: string;
                            id: string;
                            /** @description Since its last beat. */
                            leaseAgeMs: number;
                            link: string | null;
                            pid: number;
                            pool: string;
                            proxy: string | null;
                            role: "worker" | "gateway" | "api" | "deployer";
                            sessions: number;
                            /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                            state: string;
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cordon it, and get its sessions elsewhere; uncordon ends that */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        policy?: "move" | "wait";
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            admin: string;
                            /** @description Agents per second that it lets in; 0: it is no worker. */
                            admissionRate: number;
                            /** @description This life of the node. */
                            boot: string;
                            /** @description Sessions that it takes at most. */
                            capacity: number;
                            connections: number;
                            /** @description An operator wants it to take no new sessions. */
                            cordoned: boolean;
                            host: string;
                            id: string;
                            /** @description Since its last beat. */
                            leaseAgeMs: number;
                            link: string | null;
                            pid: number;
                            pool: string;
                            proxy: string | null;
                            role: "worker" | "gateway" | "api" | "deployer";
                            sessions: number;
                            /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                            state: string;
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}/drain-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a drain of this worker would do now */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            busy: number;
                            connections: number;
                            /** @description Connections on its own proxy address: they are waited for. */
                            direct: number;
                            idle: number;
                            longestMs: number | null;
                            node: string;
                            /** @description In one sentence. */
                            summary: string;
                            /** @description Workers that could take its sessions. */
                            targets: {
                                node: string;
                                room: number;
                            }[];
                            warnings: string[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/nodes/{id}/uncordon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give it new sessions again */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            admin: string;
                            /** @description Agents per second that it lets in; 0: it is no worker. */
                            admissionRate: number;
                            /** @description This life of the node. */
                            boot: string;
                            /** @description Sessions that it takes at most. */
                            capacity: number;
                            connections: number;
                            /** @description An operator wants it to take no new sessions. */
                            cordoned: boolean;
                            host: string;
                            id: string;
                            /** @description Since its last beat. */
                            leaseAgeMs: number;
                            link: string | null;
                            pid: number;
                            pool: string;
                            proxy: string | null;
                            role: "worker" | "gateway" | "api" | "deployer";
                            sessions: number;
                            /** @description booting, ready, cordoned, draining, empty, suspect or dead */
                            state: string;
                            version: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{pool}/rebalance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have its workers share their sessions evenly; nothing is moved while they nearly do */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    pool: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Only say what would be moved. */
                        dryRun?: boolean;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Agents that were told to go; each is served where it is until it has gone. */
                            asked: number;
                            dryRun: boolean;
                            /** @description Workers that could not be asked to send sessions away. */
                            failed: {
                                code: string;
                                detail: string;
                                node: string;
                            }[];
                            /** @description From now until the last of them goes: workers are sent so many per second. */
                            lastMs: number;
                            moves: {
                                count: number;
                                from: string;
                                to: string;
                            }[];
                            pool: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/probes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what the cluster’s own probes found last */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            at: string | null;
                            everyMs: number | null;
                            nodes: {
                                failures: number;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                id: string;
                                lastFailure: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    check: "session" | "http" | "connect" | "websocket" | "body";
                                    /** @description A code of docs/ERRORS.md. */
                                    code: string;
                                    message: string;
                                } | null;
                                role: "gateway" | "worker";
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                since: string;
                                state: "up" | "down";
                            }[];
                            ways: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                at: string;
                                failure: {
                                    /**
                                     * Format: date-time
                                     * @description ISO 8601, UTC.
                                     */
                                    at: string;
                                    check: "session" | "http" | "connect" | "websocket" | "body";
                                    /** @description A code of docs/ERRORS.md. */
                                    code: string;
                                    message: string;
                                } | null;
                                gateway: string | null;
                                ms: {
                                    body?: number;
                                    connect?: number;
                                    http?: number;
                                    websocket?: number;
                                };
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                worker: string;
                            }[];
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/registry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is it available, and whole? */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Redis answers, and is fit to be used. */
                            available: boolean;
                            nodes: number | null;
                            reason: string | null;
                            recovering: boolean | null;
                            round: string | null;
                            server: string | null;
                            sessions: number | null;
                            since: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/registry/differences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare it with what all live workers say of their sessions */
        get: {
            parameters: {
                query?: {
                    /** @description How long a difference has to last to count, 0 to 10000 ms; 2000. */
                    settleMs?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            checked: {
                                /** @description Entries of the registry that were compared. */
                                sessions: number;
                                /** @description Differences that were still changing when the time was up. */
                                unsettled: number;
                                /** @description Workers that told their sessions. */
                                workers: number;
                            };
                            items: {
                                /** @description What it means, and what to do about it. */
                                advice: string;
                                /** @description What the registry says. */
                                directory: string;
                                kind: "missing" | "stale_owner" | "two_owners" | "wrong_epoch" | "wrong_tenant" | "wrong_state" | "wrong_count" | "vacant" | "index" | "unreachable" | "orphan_reservation";
                                session: string | null;
                                /** @description information: nothing is wrong, it goes away by itself */
                                severity: "error" | "information";
                                /** @description What the workers say. */
                                truth: string;
                                /** @description Those that it is about. */
                                workers: string[];
                            }[];
                            next: string | null;
                            /** @description Redis lost data: workers that it does not know again yet were not asked. */
                            recovering: boolean;
                            /** @description Differences in all; the list ends at 1,000. */
                            total: number;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                createdAt: string;
                                cron: string;
                                deployment: {
                                    /** @description After each batch; 2 s. 0: no analysis. */
                                    analyzeMs?: number;
                                    /** @description Nodes drained at a time; 1. */
                                    batch?: number;
                                    canary?: {
                                        /** @description How long the canary is watched before the rest follows. */
                                        analyzeMs: number;
                                        /** @description Of new sessions. */
                                        percent?: number;
                                        /** @description Theirs, and no others. */
                                        tenants?: string[];
                                    };
                                    /** @description For the busy sessions of one node; 10 min. */
                                    deadlineMs?: number;
                                    /** @description Only say what would happen. */
                                    dryRun?: boolean;
                                    /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                                    hold?: boolean;
                                    /** @description Touch nodes only while a maintenance window is open. */
                                    inWindow?: boolean;
                                    /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                                    keepWarmMs?: number;
                                    onDeadline?: "pause" | "extend" | "force" | "abort";
                                    policy?: "move" | "wait";
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    pool?: string;
                                    provider?: {
                                        directory?: string;
                                        kind: "process" | "exec" | "kubernetes";
                                    };
                                    /** @description If another one is under way, wait for it instead of being refused. */
                                    queue?: boolean;
                                    role?: "worker" | "gateway" | "api" | "deployer";
                                    strategy?: "rolling" | "surge" | "blue-green" | "canary";
                                    /** @description Nodes beyond the usual; the batch. */
                                    surge?: number;
                                    version: string;
                                } | null;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                id: string;
                                lastAt: string | null;
                                lastDeployment: string | null;
                                lastError: string | null;
                                nextAt: string | null;
                                rehearsal: {
                                    /** @description For the busy sessions; 1 min. */
                                    deadlineMs?: number;
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    node?: string;
                                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                    pool?: string;
                                } | null;
                                timezone: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Create a schedule */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Five fields: minute hour day month weekday. */
                        cron: string;
                        deployment?: {
                            /** @description After each batch; 2 s. 0: no analysis. */
                            analyzeMs?: number;
                            /** @description Nodes drained at a time; 1. */
                            batch?: number;
                            canary?: {
                                /** @description How long the canary is watched before the rest follows. */
                                analyzeMs: number;
                                /** @description Of new sessions. */
                                percent?: number;
                                /** @description Theirs, and no others. */
                                tenants?: string[];
                            };
                            /** @description For the busy sessions of one node; 10 min. */
                            deadlineMs?: number;
                            /** @description Only say what would happen. */
                            dryRun?: boolean;
                            /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                            hold?: boolean;
                            /** @description Touch nodes only while a maintenance window is open. */
                            inWindow?: boolean;
                            /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                            keepWarmMs?: number;
                            onDeadline?: "pause" | "extend" | "force" | "abort";
                            policy?: "move" | "wait";
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            pool?: string;
                            provider?: {
                                directory?: string;
                                kind: "process" | "exec" | "kubernetes";
                            };
                            /** @description If another one is under way, wait for it instead of being refused. */
                            queue?: boolean;
                            role?: "worker" | "gateway" | "api" | "deployer";
                            strategy?: "rolling" | "surge" | "blue-green" | "canary";
                            /** @description Nodes beyond the usual; the batch. */
                            surge?: number;
                            version: string;
                        };
                        rehearsal?: {
                            /** @description For the busy sessions; 1 min. */
                            deadlineMs?: number;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            node?: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            pool?: string;
                        };
                        /** @description IANA name; UTC. */
                        timezone?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            cron: string;
                            deployment: {
                                /** @description After each batch; 2 s. 0: no analysis. */
                                analyzeMs?: number;
                                /** @description Nodes drained at a time; 1. */
                                batch?: number;
                                canary?: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                };
                                /** @description For the busy sessions of one node; 10 min. */
                                deadlineMs?: number;
                                /** @description Only say what would happen. */
                                dryRun?: boolean;
                                /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                                hold?: boolean;
                                /** @description Touch nodes only while a maintenance window is open. */
                                inWindow?: boolean;
                                /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                                keepWarmMs?: number;
                                onDeadline?: "pause" | "extend" | "force" | "abort";
                                policy?: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                                provider?: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                /** @description If another one is under way, wait for it instead of being refused. */
                                queue?: boolean;
                                role?: "worker" | "gateway" | "api" | "deployer";
                                strategy?: "rolling" | "surge" | "blue-green" | "canary";
                                /** @description Nodes beyond the usual; the batch. */
                                surge?: number;
                                version: string;
                            } | null;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            lastAt: string | null;
                            lastDeployment: string | null;
                            lastError: string | null;
                            nextAt: string | null;
                            rehearsal: {
                                /** @description For the busy sessions; 1 min. */
                                deadlineMs?: number;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                node?: string;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                            } | null;
                            timezone: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a schedule */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            cron: string;
                            deployment: {
                                /** @description After each batch; 2 s. 0: no analysis. */
                                analyzeMs?: number;
                                /** @description Nodes drained at a time; 1. */
                                batch?: number;
                                canary?: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                };
                                /** @description For the busy sessions of one node; 10 min. */
                                deadlineMs?: number;
                                /** @description Only say what would happen. */
                                dryRun?: boolean;
                                /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                                hold?: boolean;
                                /** @description Touch nodes only while a maintenance window is open. */
                                inWindow?: boolean;
                                /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                                keepWarmMs?: number;
                                onDeadline?: "pause" | "extend" | "force" | "abort";
                                policy?: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                                provider?: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                /** @description If another one is under way, wait for it instead of being refused. */
                                queue?: boolean;
                                role?: "worker" | "gateway" | "api" | "deployer";
                                strategy?: "rolling" | "surge" | "blue-green" | "canary";
                                /** @description Nodes beyond the usual; the batch. */
                                surge?: number;
                                version: string;
                            } | null;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            lastAt: string | null;
                            lastDeployment: string | null;
                            lastError: string | null;
                            nextAt: string | null;
                            rehearsal: {
                                /** @description For the busy sessions; 1 min. */
                                deadlineMs?: number;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                node?: string;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                            } | null;
                            timezone: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        /** Create or change a schedule */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description Five fields: minute hour day month weekday. */
                        cron: string;
                        deployment?: {
                            /** @description After each batch; 2 s. 0: no analysis. */
                            analyzeMs?: number;
                            /** @description Nodes drained at a time; 1. */
                            batch?: number;
                            canary?: {
                                /** @description How long the canary is watched before the rest follows. */
                                analyzeMs: number;
                                /** @description Of new sessions. */
                                percent?: number;
                                /** @description Theirs, and no others. */
                                tenants?: string[];
                            };
                            /** @description For the busy sessions of one node; 10 min. */
                            deadlineMs?: number;
                            /** @description Only say what would happen. */
                            dryRun?: boolean;
                            /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                            hold?: boolean;
                            /** @description Touch nodes only while a maintenance window is open. */
                            inWindow?: boolean;
                            /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                            keepWarmMs?: number;
                            onDeadline?: "pause" | "extend" | "force" | "abort";
                            policy?: "move" | "wait";
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            pool?: string;
                            provider?: {
                                directory?: string;
                                kind: "process" | "exec" | "kubernetes";
                            };
                            /** @description If another one is under way, wait for it instead of being refused. */
                            queue?: boolean;
                            role?: "worker" | "gateway" | "api" | "deployer";
                            strategy?: "rolling" | "surge" | "blue-green" | "canary";
                            /** @description Nodes beyond the usual; the batch. */
                            surge?: number;
                            version: string;
                        };
                        rehearsal?: {
                            /** @description For the busy sessions; 1 min. */
                            deadlineMs?: number;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            node?: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            pool?: string;
                        };
                        /** @description IANA name; UTC. */
                        timezone?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            cron: string;
                            deployment: {
                                /** @description After each batch; 2 s. 0: no analysis. */
                                analyzeMs?: number;
                                /** @description Nodes drained at a time; 1. */
                                batch?: number;
                                canary?: {
                                    /** @description How long the canary is watched before the rest follows. */
                                    analyzeMs: number;
                                    /** @description Of new sessions. */
                                    percent?: number;
                                    /** @description Theirs, and no others. */
                                    tenants?: string[];
                                };
                                /** @description For the busy sessions of one node; 10 min. */
                                deadlineMs?: number;
                                /** @description Only say what would happen. */
                                dryRun?: boolean;
                                /** @description Plan it, then wait for `promote`: the customer has to agree first. */
                                hold?: boolean;
                                /** @description Touch nodes only while a maintenance window is open. */
                                inWindow?: boolean;
                                /** @description blue-green: how long the old nodes stay as the way back; 60 s. */
                                keepWarmMs?: number;
                                onDeadline?: "pause" | "extend" | "force" | "abort";
                                policy?: "move" | "wait";
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                                provider?: {
                                    directory?: string;
                                    kind: "process" | "exec" | "kubernetes";
                                };
                                /** @description If another one is under way, wait for it instead of being refused. */
                                queue?: boolean;
                                role?: "worker" | "gateway" | "api" | "deployer";
                                strategy?: "rolling" | "surge" | "blue-green" | "canary";
                                /** @description Nodes beyond the usual; the batch. */
                                surge?: number;
                                version: string;
                            } | null;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            lastAt: string | null;
                            lastDeployment: string | null;
                            lastError: string | null;
                            nextAt: string | null;
                            rehearsal: {
                                /** @description For the busy sessions; 1 min. */
                                deadlineMs?: number;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                node?: string;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                pool?: string;
                            } | null;
                            timezone: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        post?: never;
        /** Delete a schedule */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the cluster, or one node, had over the last hour or day */
        get: {
            parameters: {
                query?: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    node?: string;
                    window?: "1h" | "24h";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description ms since 1970, rising. */
                            at: number[];
                            node: string | null;
                            stepMs: number;
                            values: {
                                busy: (number | null)[];
                                bytesInPerSecond: (number | null)[];
                                bytesOutPerSecond: (number | null)[];
                                connections: (number | null)[];
                                sessions: (number | null)[];
                            };
                            window: "1h" | "24h";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List sessions */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                    /** @description `key` or `key=value`: that it has, or has with this value. */
                    label?: string;
                    /** @description 1 to 500; 100. */
                    limit?: string;
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    node?: string;
                    /** @description Part of the id, the name, the tenant's id or a label's value. */
                    q?: string;
                    state?: "idle" | "busy" | "offline";
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    tenant?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @description From the browsers. */
                                bytesIn: number;
                                /** @description To the browsers. */
                                bytesOut: number;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                changedAt: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                connectedAt: string;
                                connections: number;
                                epoch: number;
                                id: string;
                                labels: {
                                    [key: string]: string;
                                };
                                name: string | null;
                                node: string | null;
                                state: "idle" | "busy" | "offline";
                                tenant: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Open a session */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agentId?: string;
                        /** @description At most 16, short. */
                        labels?: {
                            [key: string]: string;
                        };
                        name?: string | null;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            link: {
                                /** @description The slot of the agent: dial so long from now, not before; absent: now. */
                                delayMs?: number;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                expiresAt: string;
                                /** @description The worker that it is for; name it in `exclude` if it does not work. */
                                node: string;
                                /** @description Sent as `Authorization: Bearer`. */
                                ticket: string;
                                /** @description ws:// or wss:// URL to dial. */
                                url: string;
                            };
                            name: string | null;
                            proxy: {
                                /** @description URL of a PAC file; opens without a key. */
                                pac: string;
                                password: string;
                                /** @description The proxy, without credentials. */
                                url: string;
                                username: string;
                            };
                            tenant: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a session */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description From the browsers. */
                            bytesIn: number;
                            /** @description To the browsers. */
                            bytesOut: number;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            changedAt: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            connectedAt: string;
                            connections: number;
                            epoch: number;
                            id: string;
                            labels: {
                                [key: string]: string;
                            };
                            name: string | null;
                            node: string | null;
                            state: "idle" | "busy" | "offline";
                            tenant: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Close a session */
        delete: {
            parameters: {
                query?: {
                    force?: "true" | "false";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ways in, with their credentials */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description A command line; put a URL behind the agent in place of the example. */
                            curl: string;
                            direct: {
                                node: string;
                                proxy: string;
                                proxyUrl: string;
                            } | null;
                            /** @description `proxyUrl` has the credentials in it. */
                            gateways: {
                                id: string;
                                proxy: string;
                                proxyUrl: string;
                            }[];
                            pac: string;
                            password: string;
                            session: string;
                            username: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its live connections */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @description False while an end of it is between two links. */
                                attached: boolean;
                                bytesIn: number;
                                bytesOut: number;
                                id: string;
                                /** @description connect, http or websocket */
                                kind: string;
                                lastByteAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                openedAt: string;
                                /** @description host:port */
                                target: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How it is, each second
         * @description As text/event-stream: an event `session` each second, with a LiveSession as `data`, and an event
         *     `gone` ({session}) for as long as there is no such session any more. With `format=json`, one LiveSession.
         */
        get: {
            parameters: {
                query?: {
                    format?: "json" | "stream";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A stream, or one look. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            at: string;
                            connections: {
                                /** @description False while an end of it is between two links. */
                                attached: boolean;
                                bytesIn: number;
                                bytesOut: number;
                                id: string;
                                /** @description connect, http or websocket */
                                kind: string;
                                lastByteAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                openedAt: string;
                                /** @description host:port */
                                target: string;
                            }[];
                            session: {
                                /** @description From the browsers. */
                                bytesIn: number;
                                /** @description To the browsers. */
                                bytesOut: number;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                changedAt: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                connectedAt: string;
                                connections: number;
                                epoch: number;
                                id: string;
                                labels: {
                                    [key: string]: string;
                                };
                                name: string | null;
                                node: string | null;
                                state: "idle" | "busy" | "offline";
                                tenant: string;
                            };
                            trouble: string | null;
                        };
                        "text/event-stream": string;
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it to another worker, with its connections */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        to?: string | null;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Of that ownership: once the session has a higher one elsewhere, it has moved. */
                            epoch: number;
                            /** @description The worker that it leaves. */
                            node: string;
                            session: string;
                            to: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/placements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for another worker */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        agentId?: string;
                        /** @description Workers that did not work. */
                        exclude?: string[];
                        lastEpoch?: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        prefer?: string;
                        /** @description For a second link, on another worker than the owner. */
                        standby?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description The slot of the agent: dial so long from now, not before; absent: now. */
                            delayMs?: number;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            expiresAt: string;
                            /** @description The worker that it is for; name it in `exclude` if it does not work. */
                            node: string;
                            /** @description Sent as `Authorization: Bearer`. */
                            ticket: string;
                            /** @description ws:// or wss:// URL to dial. */
                            url: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/proxy.pac": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A PAC file for it; opens with a key or with the token in its URL */
        get: {
            parameters: {
                query?: {
                    token?: string;
                    via?: "gateway" | "direct";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description application/x-ns-proxy-autoconfig */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/route": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who owns it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            epoch: number;
                            gateways: {
                                id: string;
                                proxy: string;
                            }[];
                            link: {
                                /** @description The slot of the agent: dial so long from now, not before; absent: now. */
                                delayMs?: number;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                expiresAt: string;
                                /** @description The worker that it is for; name it in `exclude` if it does not work. */
                                node: string;
                                /** @description Sent as `Authorization: Bearer`. */
                                ticket: string;
                                /** @description ws:// or wss:// URL to dial. */
                                url: string;
                            };
                            node: {
                                id: string;
                                link: string | null;
                                proxy: string | null;
                            };
                            session: string;
                            state: "idle" | "busy" | "offline";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign a browser in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        key: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            by: "key" | "cookie";
                            keyId: string;
                            label: string | null;
                            role: "admin" | "operator" | "viewer" | "agent";
                            session: {
                                /** @description Goes into the header x-culvert-csrf. */
                                csrf: string;
                                /**
                                 * Format: date-time
                                 * @description Whatever is asked for.
                                 */
                                endsAt: string;
                                /**
                                 * Format: date-time
                                 * @description Unless something is asked for before.
                                 */
                                expiresAt: string;
                            } | null;
                            tenant: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the browser’s sign-in, here and at all APIs */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Availability and reliability of real and synthetic traffic against the objectives */
        get: {
            parameters: {
                query?: {
                    from?: string;
                    tenant?: string;
                    /** @description Now. */
                    to?: string;
                    window?: "5m" | "30m" | "1h" | "6h" | "1d" | "3d" | "7d" | "30d" | "90d";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            at: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            countedFrom: string;
                            /** @description That ran in this time, the newest first; 50 at most. */
                            deployments: {
                                finishedAt: string | null;
                                id: string;
                                kind: "release" | "rehearsal";
                                real: {
                                    /** @description Share of the whole window’s budget that went while it ran; null: no data. */
                                    budget: {
                                        connection_success: number | null;
                                        lost_connections: number | null;
                                        session_availability: number | null;
                                        setup: number | null;
                                    };
                                    failed: number;
                                    lost: number;
                                    unservedMs: number;
                                };
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                startedAt: string;
                                state: string;
                                synthetic: {
                                    /** @description Share of the whole window’s budget that went while it ran; null: no data. */
                                    budget: {
                                        connection_success: number | null;
                                        lost_connections: number | null;
                                        session_availability: number | null;
                                        setup: number | null;
                                    };
                                    failed: number;
                                    lost: number;
                                    unservedMs: number;
                                };
                                version: string;
                            }[];
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            from: string;
                            objectives: {
                                about: "availability" | "reliability";
                                /** @description In words. */
                                description: string;
                                name: "connection_success" | "session_availability" | "setup" | "lost_connections";
                                real: {
                                    alert: ("page" | "ticket") | null;
                                    attainment: number | null;
                                    budget: {
                                        /** @description Bad ones that the objective allows among `total`. */
                                        allowed: number;
                                        remaining: number | null;
                                        /** @description Bad ones that there were. */
                                        spent: number;
                                    };
                                    burnRates: {
                                        rate: number | null;
                                        /** @description 5m, 30m, 1h, 6h, 3d */
                                        window: string;
                                    }[];
                                    /** @description Connections; session_availability: ms. */
                                    good: number;
                                    met: boolean | null;
                                    total: number;
                                };
                                synthetic: {
                                    alert: ("page" | "ticket") | null;
                                    attainment: number | null;
                                    budget: {
                                        /** @description Bad ones that the objective allows among `total`. */
                                        allowed: number;
                                        remaining: number | null;
                                        /** @description Bad ones that there were. */
                                        spent: number;
                                    };
                                    burnRates: {
                                        rate: number | null;
                                        /** @description 5m, 30m, 1h, 6h, 3d */
                                        window: string;
                                    }[];
                                    /** @description Connections; session_availability: ms. */
                                    good: number;
                                    met: boolean | null;
                                    total: number;
                                };
                                target: number;
                                withinMs: number | null;
                            }[];
                            real: {
                                availability: {
                                    connectionSuccess: number | null;
                                    /** @description Asked for and not opened, for another reason; not counted. */
                                    excused: number;
                                    /** @description Asked for and not opened, by Culvert’s fault. */
                                    failed: number;
                                    /** @description Connections that were opened. */
                                    opened: number;
                                    /** @description Sum over sessions. */
                                    servedMs: number;
                                    sessionAvailability: number | null;
                                    setupP50: {
                                        fromMs: number;
                                        /** @description The best guess. */
                                        ms: number;
                                        toMs: number | null;
                                    } | null;
                                    setupP99: {
                                        fromMs: number;
                                        /** @description The best guess. */
                                        ms: number;
                                        toMs: number | null;
                                    } | null;
                                    /** @description Sum over sessions whose agents wanted to be there. */
                                    unservedMs: number;
                                };
                                reliability: {
                                    /** @description Connections that ended, lost ones included. */
                                    closed: number;
                                    /** @description Sum of the times for which connections were open. */
                                    connectionHours: number;
                                    hoursBetweenLosses: number | null;
                                    /** @description Connections that broke off by Culvert’s fault. */
                                    lost: number;
                                    lostPer1000: number | null;
                                    meanGapMs: number | null;
                                    /** @description Times that a connection lost its path and went on. */
                                    resumed: number;
                                };
                            };
                            /** @description Failures as rehearsed; empty in the report of one tenant. */
                            recovery: {
                                failure: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                lastAt: string;
                                lastRtoMs: number | null;
                                /** @description In the worst of them. */
                                lostConnections: number;
                                /** @description In the worst of them. */
                                lostSessions: number;
                                rehearsals: number;
                                worstRtoMs: number | null;
                            }[];
                            synthetic: {
                                availability: {
                                    connectionSuccess: number | null;
                                    /** @description Asked for and not opened, for another reason; not counted. */
                                    excused: number;
                                    /** @description Asked for and not opened, by Culvert’s fault. */
                                    failed: number;
                                    /** @description Connections that were opened. */
                                    opened: number;
                                    /** @description Sum over sessions. */
                                    servedMs: number;
                                    sessionAvailability: number | null;
                                    setupP50: {
                                        fromMs: number;
                                        /** @description The best guess. */
                                        ms: number;
                                        toMs: number | null;
                                    } | null;
                                    setupP99: {
                                        fromMs: number;
                                        /** @description The best guess. */
                                        ms: number;
                                        toMs: number | null;
                                    } | null;
                                    /** @description Sum over sessions whose agents wanted to be there. */
                                    unservedMs: number;
                                };
                                reliability: {
                                    /** @description Connections that ended, lost ones included. */
                                    closed: number;
                                    /** @description Sum of the times for which connections were open. */
                                    connectionHours: number;
                                    hoursBetweenLosses: number | null;
                                    /** @description Connections that broke off by Culvert’s fault. */
                                    lost: number;
                                    lostPer1000: number | null;
                                    meanGapMs: number | null;
                                    /** @description Times that a connection lost its path and went on. */
                                    resumed: number;
                                };
                            };
                            tenant: string | null;
                            /** @description Of real traffic; 200 at most; empty in the report of one tenant. */
                            tenants: {
                                figures: {
                                    availability: {
                                        connectionSuccess: number | null;
                                        /** @description Asked for and not opened, for another reason; not counted. */
                                        excused: number;
                                        /** @description Asked for and not opened, by Culvert’s fault. */
                                        failed: number;
                                        /** @description Connections that were opened. */
                                        opened: number;
                                        /** @description Sum over sessions. */
                                        servedMs: number;
                                        sessionAvailability: number | null;
                                        setupP50: {
                                            fromMs: number;
                                            /** @description The best guess. */
                                            ms: number;
                                            toMs: number | null;
                                        } | null;
                                        setupP99: {
                                            fromMs: number;
                                            /** @description The best guess. */
                                            ms: number;
                                            toMs: number | null;
                                        } | null;
                                        /** @description Sum over sessions whose agents wanted to be there. */
                                        unservedMs: number;
                                    };
                                    reliability: {
                                        /** @description Connections that ended, lost ones included. */
                                        closed: number;
                                        /** @description Sum of the times for which connections were open. */
                                        connectionHours: number;
                                        hoursBetweenLosses: number | null;
                                        /** @description Connections that broke off by Culvert’s fault. */
                                        lost: number;
                                        lostPer1000: number | null;
                                        meanGapMs: number | null;
                                        /** @description Times that a connection lost its path and went on. */
                                        resumed: number;
                                    };
                                };
                                /** @description ~other: tenants that were not counted one by one. */
                                tenant: string;
                            }[];
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            to: string;
                            window: ("5m" | "30m" | "1h" | "6h" | "1d" | "3d" | "7d" | "30d" | "90d") | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slo/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alert and recording rules for Prometheus, made from the same objectives */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description text/yaml */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": string;
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/slo/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Availability and reliability over the last hour, day or 30 days, step by step */
        get: {
            parameters: {
                query?: {
                    tenant?: string;
                    window?: "1h" | "24h" | "30d";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description Where steps begin, ms since 1970, rising: multiples of stepMs. The last one is under way. */
                            at: number[];
                            real: {
                                /** @description Share that was good, by objective; null: nothing happened that could be good or bad. */
                                attainment: {
                                    connection_success: (number | null)[];
                                    lost_connections: (number | null)[];
                                    session_availability: (number | null)[];
                                    setup: (number | null)[];
                                };
                                /** @description Asked for and not opened, by Culvert’s fault. */
                                failed: number[];
                                /** @description Connections that broke off by Culvert’s fault. */
                                lost: number[];
                                /** @description Connections that were opened. */
                                opened: number[];
                            };
                            stepMs: number;
                            synthetic: {
                                /** @description Share that was good, by objective; null: nothing happened that could be good or bad. */
                                attainment: {
                                    connection_success: (number | null)[];
                                    lost_connections: (number | null)[];
                                    session_availability: (number | null)[];
                                    setup: (number | null)[];
                                };
                                /** @description Asked for and not opened, by Culvert’s fault. */
                                failed: number[];
                                /** @description Connections that broke off by Culvert’s fault. */
                                lost: number[];
                                /** @description Connections that were opened. */
                                opened: number[];
                            };
                            /** @description The objectives: shares that have to be good. */
                            targets: {
                                connection_success: number;
                                lost_connections: number;
                                session_availability: number;
                                setup: number;
                            };
                            tenant: string | null;
                            window: "1h" | "24h" | "30d";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tenants */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                createdAt: string;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                id: string;
                                /** @description That are in force. */
                                keys: number;
                                limits: {
                                    /** @description Connections open at once. */
                                    connectionsPerSession: number;
                                    /** @description Sessions open at once. */
                                    sessions: number;
                                };
                                name: string;
                                pool: string | null;
                                sessions: number | null;
                                /** @description Pools to which new sessions go when its own is full, in order. */
                                spill: string[];
                                whenFull: "wait" | "spill";
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Create a tenant */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        id: string;
                        limits?: {
                            /** @description Connections open at once. */
                            connectionsPerSession?: number;
                            /** @description Sessions open at once. */
                            sessions?: number;
                        };
                        name?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            limits: {
                                /** @description Connections open at once. */
                                connectionsPerSession: number;
                                /** @description Sessions open at once. */
                                sessions: number;
                            };
                            name: string;
                            pool: string | null;
                            /** @description Pools to which new sessions go when its own is full, in order. */
                            spill: string[];
                            whenFull: "wait" | "spill";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a tenant */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            limits: {
                                /** @description Connections open at once. */
                                connectionsPerSession: number;
                                /** @description Sessions open at once. */
                                sessions: number;
                            };
                            name: string;
                            pool: string | null;
                            /** @description Pools to which new sessions go when its own is full, in order. */
                            spill: string[];
                            whenFull: "wait" | "spill";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Delete a tenant and its keys */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change a tenant’s name or limits
         * @description What is named is changed, and the rest stays. New sessions go by new limits at once; sessions that are
         *     open stay, even beyond a lower limit. How many connections a session may have it was told when its agent attached: an open
         *     session goes by the new number once its agent attaches again, at the next move at the latest.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        limits?: {
                            /** @description Connections open at once. */
                            connectionsPerSession?: number;
                            /** @description Sessions open at once. */
                            sessions?: number;
                        };
                        name?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            limits: {
                                /** @description Connections open at once. */
                                connectionsPerSession: number;
                                /** @description Sessions open at once. */
                                sessions: number;
                            };
                            name: string;
                            pool: string | null;
                            /** @description Pools to which new sessions go when its own is full, in order. */
                            spill: string[];
                            whenFull: "wait" | "spill";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/v1/tenants/{id}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a tenant's keys */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC.
                                 */
                                createdAt: string;
                                expiresAt: string | null;
                                id: string;
                                label: string;
                                revokedAt: string | null;
                                role: "admin" | "operator" | "viewer" | "agent";
                                tenant: string | null;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Make a key; its secret is in this answer only */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description ISO 8601, UTC.
                         */
                        expiresAt?: string;
                        label?: string;
                        role?: "admin" | "operator" | "viewer" | "agent";
                        ttlSeconds?: number;
                    } | null;
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            expiresAt: string | null;
                            id: string;
                            /** @description Shown once. */
                            key: string;
                            label: string;
                            revokedAt: string | null;
                            role: "admin" | "operator" | "viewer" | "agent";
                            tenant: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}/keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a key; the sessions that it opened end */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                    keyId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Serve it in one pool only, or also in others when that is full */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        pool: string;
                        /** @description Other pools, in order. */
                        spill?: string[];
                        whenFull?: "wait" | "spill";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            createdAt: string;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            limits: {
                                /** @description Connections open at once. */
                                connectionsPerSession: number;
                                /** @description Sessions open at once. */
                                sessions: number;
                            };
                            name: string;
                            pool: string | null;
                            /** @description Pools to which new sessions go when its own is full, in order. */
                            spill: string[];
                            whenFull: "wait" | "spill";
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        post?: never;
        /** Serve it in the default pool again */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}/status-page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The address of its own status page; who has it may read the page */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            url: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what a tenant uses now, and used in the last hour */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC.
                             */
                            at: string;
                            busiest: {
                                connections: number;
                                session: string;
                            } | null;
                            /** @description Open now. */
                            connections: number;
                            lastHour: {
                                bytesIn: number | null;
                                bytesOut: number | null;
                                /** @description Not opened, for another reason. */
                                excused: number;
                                /** @description Not opened, by Culvert’s fault. */
                                failed: number;
                                /** @description Broken off by Culvert. */
                                lost: number;
                                opened: number;
                            };
                            /** @description That serve it now, the one with most first. */
                            nodes: {
                                node: string;
                                sessions: number;
                            }[];
                            sessions: {
                                busy: number;
                                /** @description Of those, the ones that were looked at for what follows: 20,000 at most. */
                                counted: number;
                                idle: number;
                                offline: number;
                                /** @description All that its limit counts. */
                                total: number;
                            };
                            tenant: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List maintenance windows */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                closesAt: string | null;
                                cron: string;
                                forMs: number;
                                /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                                id: string;
                                open: boolean;
                                opensAt: string | null;
                                pool: string | null;
                                timezone: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/windows/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a window */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            closesAt: string | null;
                            cron: string;
                            forMs: number;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            open: boolean;
                            opensAt: string | null;
                            pool: string | null;
                            timezone: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        /** Create or change a maintenance window */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description When it opens; five fields. */
                        cron: string;
                        /** @description How long it is open. */
                        forMs: number;
                        /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                        pool?: string;
                        timezone?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            closesAt: string | null;
                            cron: string;
                            forMs: number;
                            /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                            id: string;
                            open: boolean;
                            opensAt: string | null;
                            pool: string | null;
                            timezone: string;
                        };
                    };
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        post?: never;
        /** Delete a window */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description 1 to 63 of a-z, 0-9, and inside - . _ */
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": {
                            /** @description Stable; docs/ERRORS.md lists them all. */
                            code: string;
                            detail: string;
                            /** @description What the caller can do about it. */
                            fix?: string;
                            /** @description Path of the request. */
                            instance: string;
                            status: number;
                            title: string;
                            /** @description A URN that ends with the code. */
                            type: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
