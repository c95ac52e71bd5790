"""What an operator at 03:00 and a security engineer ask of the program, by number, and the tests that show it.

A number's own file is here (test_op_NN_….py) where no other test shows it, or not through the whole program; the
rest is shown where it belongs. `test_index.py` keeps this list true.

1 root= only in the inventory of a running demo, never with become; what is shown is what is executed
    tests/operations/test_op_01_argv_is_what_is_shown.py
    tests/unit/config/test_load.py::test_root_is_refused_outside_a_running_demo
    tests/integration/demo/test_nodes.py::test_the_loader_accepts_the_inventory_as_a_demo
    tests/unit/actions/test_planning.py::test_root_of_the_demo_stands_before_argv0_and_takes_the_place_of_sudo
    tests/ui/test_card.py::test_says_what_where_how_and_how_old

2 a probe under sudo only where the inventory says so; one refusal is remembered
    tests/operations/test_op_02_sudo_only_where_it_is_allowed.py
    tests/operations/test_op_02_sudoers_lines.py
    tests/whole/test_variants.py::test_sudo_is_asked_once_a_run_however_often_the_connection_is_lost
    tests/whole/test_variants.py::test_a_sudo_that_lets_no_probe_in_is_said_where_it_matters

3 trust, delegation, files that others can write
    tests/operations/test_op_03_nothing_is_handed_on.py
    tests/integration/transports/test_trust.py::test_no_list_of_known_hosts_trusts_nobody
    tests/integration/transports/test_openssh.py::test_the_agent_is_never_forwarded
    tests/integration/transports/test_ssh_config.py::test_a_file_that_others_can_write_is_refused
    tests/integration/transports/test_ssh_config.py::test_an_include_of_somebody_else_is_refused
    tests/unit/config/test_load.py::test_an_inventory_that_others_can_write_is_refused
    tests/ui/test_keymap.py::test_a_keymap_that_others_can_write_is_refused
    tests/ui/test_theming.py::test_a_theme_that_others_can_write_is_refused

4 older lines are fetched from the nodes, and looked for there
    tests/operations/test_op_04_history_in_the_view.py
    tests/operations/test_op_04_looked_for_on_the_nodes.py
    tests/probe/test_history.py
    tests/whole/test_log_history.py
    tests/unit/state/test_older.py

5 a typed secret goes to one node first
    tests/integration/transports/test_logins.py::test_a_wrong_password_reaches_one_node_once
    tests/integration/transports/test_logins.py::test_a_right_password_is_typed_once_for_all
    tests/integration/transports/test_logins.py::test_nothing_typed_is_logged
    tests/integration/transports/test_links.py::test_sudo_gets_its_password_only_after_its_own_prompt
    tests/whole/test_sudo.py::test_a_wrong_password_with_many_nodes_is_one_attempt
    tests/whole/test_sudo.py::test_a_password_is_typed_once_and_the_restart_is_verified
    tests/whole/test_sudo.py::test_three_wrong_ones_and_it_is_not_asked_again
    tests/whole/test_sudo.py::test_do_asks_on_the_terminal_and_shows_nothing_of_it
    tests/whole/test_sudo.py::test_the_dashboard_asks_in_a_masked_dialog_after_y
    tests/unit/runtime/test_sudo_secrets.py

6 actions run in a channel of their own
    tests/operations/test_op_06_actions_are_nobodys_children.py
    tests/operations/test_op_06_old_and_new.py

7 mongod's journal wants room before it is stopped
    tests/operations/test_op_07_journal_space.py
    tests/unit/actions/test_preconditions.py::test_mongod_is_ended_only_where_it_can_begin_again

8 a mongod that is locked
    tests/operations/test_op_08_mongod_locked.py

9 filesystems that hang
    tests/operations/test_op_09_a_mount_that_hangs.py
    tests/probe/test_looking.py::test_a_filesystem_that_never_answers_is_hung_and_stops_nothing
    tests/probe/test_looking.py::test_find_mount_touches_nothing_behind_a_remote_mount

10 disks as df counts them
    tests/operations/test_op_10_disks_as_df.py
    tests/probe/test_looking.py::test_the_figures_are_the_machine_s
    tests/unit/checks/test_host.py::test_floors_of_bytes_stand_beside_the_percentages
    tests/unit/state/test_signs.py::test_a_quota_counts_wherever_it_is_said_and_hostile_text_is_made_visible

11 a dropped link, a stuck probe, a reconnect
    tests/operations/test_op_11_limits_of_the_probe.py
    tests/whole/test_status.py::test_a_silently_dropped_link_is_seen_and_its_probe_leaves
    tests/probe/test_shipping.py::test_silence_ends_it_within_fifteen_seconds
    tests/probe/test_shipping.py::test_a_newer_probe_of_the_same_owner_ends_the_older
    tests/probe/test_backpressure.py::test_a_reader_that_stops_costs_no_memory_and_loses_nothing

12 remote text is made visible
    tests/operations/test_op_12_remote_text.py
    tests/operations/test_op_12_remote_logs.py
    tests/unit/model/test_hostile_corpus.py
    tests/unit/model/test_text.py::test_hostile_text_is_made_visible
    tests/unit/model/test_text.py::test_nothing_harmful_survives
    tests/ui/test_fleet.py::test_hostile_text_from_a_node_is_made_visible
    tests/ui/test_node_page.py::test_hostile_text_is_shown_literally
    tests/ui/test_card.py::test_hostile_names_stay_text

13 why a project does not start
    tests/operations/test_op_13_why_a_project_does_not_start.py
    tests/probe/test_project_errands.py::test_what_the_folder_says
    tests/probe/test_project_errands.py::test_what_the_node_says_of_a_project

14 the system log, the kernel, limits; what is slower than its own last hour
    tests/operations/test_op_14_system_log_and_kernel.py
    tests/probe/test_vitals.py
    tests/unit/state/test_signs.py
    tests/unit/checks/test_host.py::test_what_is_slower_than_its_own_last_hour
    tests/ui/test_metrics.py::test_what_is_slower_than_its_last_hour_comes_first

15 the demo is private, and called so
    tests/operations/test_op_15_demo_is_called_so.py
    tests/integration/demo/test_nodes.py::test_another_key_is_refused
    tests/integration/demo/test_nodes.py::test_another_user_reads_and_runs_nothing
    tests/integration/demo/test_nodes.py::test_everything_is_the_users_alone
    tests/ui/test_shell.py::test_header_words_are_whole_at_every_size

16 reads under sudo are records
    tests/operations/test_op_16_reads_under_sudo.py

17 ssh configuration, ProxyCommand, chains of hops
    tests/operations/test_op_17_jump_command.py
    tests/operations/test_op_17_what_is_not_honoured_is_listed.py
    tests/integration/transports/test_ssh_config.py::test_the_systems_file_comes_last_and_includes_beside_itself
    tests/integration/transports/test_ssh_config.py::test_what_is_not_honoured_is_named
    tests/integration/transports/test_trust.py::test_the_global_file_counts
    tests/integration/transports/test_gateways.py::test_a_proxy_command_runs_in_a_shell
    tests/integration/transports/test_gateways.py::test_a_chain_of_hops_each_one_shared_connection

18 a policy of this machine's root can only tighten
    tests/operations/test_op_18_policy.py

19 under sudo
    tests/operations/test_op_19_under_sudo.py
    tests/probe/test_shipping.py::test_under_sudo_only_root_s_own_interpreter_runs
    tests/probe/test_supervisor.py::test_as_root_the_socket_sees_the_service_account

20 arguments stay on the node
    tests/operations/test_op_20_arguments_stay_on_the_node.py
    tests/probe/test_project_errands.py::test_processes_are_grouped_and_say_no_argument
    tests/probe/test_project_errands.py::test_one_process_in_full_is_masked_on_the_node
    tests/probe/test_preflight_errands.py::test_settings_of_good_and_bad_files_without_secrets

21 a lost gateway is looked for from here and from the server; jump may be a list
    tests/operations/test_op_21_lost_gateway.py
    tests/probe/test_preflight_errands.py::test_ports_of_other_hosts

22 a new boot id is an event and a mark; what the reboot left behind is found
    tests/operations/test_op_22_after_a_reboot.py
    tests/unit/checks/test_after_reboot.py
    tests/probe/test_booted.py
    tests/unit/runtime/test_markers.py::test_a_boot_is_one_event_and_no_restart

23 what takes up a filesystem is a job
    tests/operations/test_op_23_usage_is_a_job.py
    tests/probe/test_project_errands.py::test_each_inode_is_counted_once
    tests/probe/test_project_errands.py::test_deleted_files_that_are_open_are_found

24 certificates served and on disk, dates and names; the license counts down
    tests/operations/test_op_24_certificates.py
    tests/probe/test_preflight_errands.py::test_pages_names_and_certificates
    tests/unit/checks/test_preflight.py::test_the_directory_server_s_certificate_is_looked_at_too

25 maintenance is announced, recorded, and counted nowhere; check --diff; the discovered version counts
    tests/operations/test_op_25_maintenance.py
    tests/unit/runtime/test_maintenance.py
    tests/unit/headless/test_check.py::test_differences_to_an_earlier_check
    tests/unit/config/test_load.py::test_wk_server_is_asked_where_its_version_listens_first_and_where_another_would
    tests/ui/test_events_view.py::test_a_maintenance_is_announced_and_ended_from_the_line

26 keys and cards
    tests/ui/test_card.py::test_a_key_that_came_before_the_card_could_be_read_goes_nowhere
    tests/ui/test_card.py::test_a_pasted_word_is_refused
    tests/ui/test_pickers.py::test_the_picker_is_worst_first_and_its_order_is_frozen

27 SysV units that are active without processes
    tests/operations/test_op_27_hollow_services.py

28 the whole installation in its order
    tests/unit/actions/test_order.py::test_down_from_the_computes_up_from_the_server
    tests/unit/actions/test_order.py::test_stores_that_are_named_go_down_last_and_come_up_first
    tests/whole/test_rolling.py::test_the_whole_installation_goes_down_and_comes_up_in_its_order

29 clearing a FATAL loop is a start
    tests/operations/test_op_29_fatal_loop.py

30 every book keeps its end; access logs are not in the merged default
    tests/operations/test_op_30_every_book_keeps_its_end.py
    tests/unit/state/test_logbook.py::test_the_noisiest_pays_and_every_book_keeps_its_end
    tests/unit/state/test_logbook.py::test_too_many_books_for_the_cap_share_it
    tests/unit/state/test_kept_bytes.py::test_every_book_keeps_its_end_whatever_the_others_do

31 logins at once, deadlines apart
    tests/integration/transports/test_openssh.py::test_twenty_five_nodes_behind_one_sshd_that_takes_ten_at_a_time
    tests/integration/transports/test_bad_hosts.py::test_a_host_that_hangs_before_its_banner
    tests/integration/transports/test_bad_hosts.py::test_a_host_that_drops_packets
    tests/integration/transports/test_bad_hosts.py::test_a_login_that_hangs
    tests/integration/transports/test_links.py::test_phases_are_named_in_their_order

32 hooks: JSON on standard input, fixed words, no redirects; the terminal gets check and node
    tests/operations/test_op_32_hooks.py
    tests/unit/runtime/test_hooks.py
    tests/ui/test_events_view.py::test_the_terminal_is_told_with_check_and_node_only

33 what runs on a node is known
    tests/operations/test_op_33_what_runs_is_known.py
    tests/probe/test_shipping.py::test_another_source_is_refused
    tests/operations/test_op_33_own_growth.py

34 several operators: NO LEASE on the card, other probes are seen, intervals double from the third
    tests/operations/test_op_34_several_operators.py

37 our requests
    tests/operations/test_op_37_requests.py
    tests/probe/test_http.py::test_the_path_that_answers_is_found_once_and_then_the_only_one_asked
    tests/unit/state/test_merge.py::test_our_own_requests_are_hidden_and_not_counted

38 Elasticsearch: other nodes than expected, heap, watermark
    tests/operations/test_op_38_elasticsearch.py

39 the program itself
    tests/operations/test_op_39_the_program_itself.py
    tests/unit/runtime/test_audit_syslog.py::test_each_hash_goes_to_syslog_under_our_name_and_facility
    tests/integration/transports/test_openssh.py::test_fifty_three_nodes_under_1024_open_files

40 never seen is a mark, after a day of learning; before and after an action is a line in Events
    tests/operations/test_op_40_never_seen_is_a_mark.py
    tests/operations/test_op_40_before_and_after.py
    tests/unit/state/test_folding.py::test_a_row_is_new_only_after_the_time_of_learning_and_for_a_day
    tests/unit/runtime/test_fleet_folding.py::test_only_time_in_which_nodes_were_heard_is_learning
    tests/ui/test_folds.py::test_what_is_new_is_marked_and_learning_is_said
"""
