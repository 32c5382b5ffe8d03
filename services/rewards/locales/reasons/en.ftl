offer-reason-often_bought = Because you often buy { $category }
offer-reason-ends_soon = Because it ends soon
offer-reason-new_kind = Something you have not had yet
offer-reason-in_reach = Because you can have it now
offer-reason-nearly_in_reach = Because you nearly have the points for it
offer-reason-for_you = Chosen for you
